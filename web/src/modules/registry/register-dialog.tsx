import type { trackingApi } from "@atrium/contract/tracking";
import { useState } from "react";
import { ApiError, operation, useApi } from "../../lib/api.ts";
import { Dialog } from "../../lib/dialog.tsx";
import { Field, FormError, SelectField, TextField, useSubmit } from "../../lib/form.tsx";
import { useFresh } from "../../lib/fresh.ts";
import { useGo } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import { createModel, createVersion, listModels, REGISTRY_READS } from "./registry-api.ts";

const searchLoggedModels = operation<(typeof trackingApi)["searchLoggedModels"]>("GET /logged-models");

const NAMES_SUGGESTED_MAX = 1000;
const RECENT_MODELS_MAX = 50;
/** Stands among the choices for a folder of the run's own files. */
const FOLDER = "folder";

export interface RegisterFrom {
  runId?: string;
  loggedModelIds: readonly string[];
  suggestedName?: string;
}

/** Makes the next version of a model, new or known, from what a run logged. */
export function RegisterDialog({
  project,
  model,
  from,
  onClose,
}: {
  project: string;
  /** The model it becomes a version of, when that is settled. */
  model?: string;
  /** What is registered, when that is settled; else one of the newest logged models. */
  from?: RegisterFrom;
  onClose: () => void;
}) {
  const go = useGo();
  const fresh = useFresh(REGISTRY_READS);
  const known = useApi(listModels, { project, query: { pageSize: NAMES_SUGGESTED_MAX } }).data?.items ?? [];
  const recent = useApi(searchLoggedModels, {
    project,
    query: { pageSize: RECENT_MODELS_MAX, ...(from?.runId ? { runId: from.runId } : {}) },
  }).data?.items;
  const offered = (recent ?? []).filter((one) => !from || from.loggedModelIds.includes(one.id));
  const [name, setName] = useState(model ?? from?.suggestedName ?? "");
  const [chosen, setChosen] = useState(from?.loggedModelIds[0] ?? (from?.runId ? FOLDER : ""));
  const [folder, setFolder] = useState("model");
  const [description, setDescription] = useState("");
  const source = chosen || offered[0]?.id || "";
  const isNew = name.trim() !== "" && !known.some((one) => one.name === name.trim());

  const form = useSubmit(async () => {
    const wanted = name.trim();
    let version = 0;
    await fresh(async () => {
      if (isNew) await createModel({ project, body: { name: wanted } }).catch(unlessKnown);
      const made = await createVersion({
        project,
        params: { model: wanted },
        body: {
          description,
          ...(source === FOLDER
            ? { ...(from?.runId ? { runId: from.runId } : {}), path: folder.trim() }
            : { loggedModelId: source }),
        },
      });
      version = made.version;
    });
    onClose();
    go(paths.modelVersion(project, wanted, version));
  });

  const choices = [
    ...(offered.length > 0
      ? offered.map((one) => ({ value: one.id, title: `${one.name} (${one.id.slice(0, 10)}…)` }))
      : (from?.loggedModelIds ?? []).map((id) => ({ value: id, title: id }))),
    ...(from?.runId ? [{ value: FOLDER, title: "A folder of the run's files" }] : []),
  ];
  return (
    <Dialog title="Register a model version" onClose={onClose}>
      <form className="flex flex-col gap-3" onSubmit={form.onSubmit}>
        <Field
          label="Model"
          help={isNew ? `${name.trim()} is new and is made now.` : "A known model gets its next version."}
          error={form.errorAt("name")}
        >
          {(attributes) => (
            <>
              <input
                className="field"
                {...attributes}
                list="known-models"
                required
                maxLength={256}
                disabled={model !== undefined}
                placeholder="flight-delay"
                value={name}
                onChange={(event) => setName(event.target.value)}
              />
              <datalist id="known-models">
                {known.map((one) => (
                  <option key={one.name} value={one.name} />
                ))}
              </datalist>
            </>
          )}
        </Field>
        {choices.length > 0 ? (
          <SelectField
            label="What is registered"
            value={source}
            onChange={(event) => setChosen(event.target.value)}
            options={choices}
          />
        ) : (
          recent && (
            <p className="rounded-md bg-warn-soft px-3 py-2">
              No run of this project has logged a model yet. To register a folder of a run's files, open the
              run.
            </p>
          )
        )}
        {source === FOLDER && (
          <TextField
            label="Folder"
            help="Below the run's files, as the Artifacts tab shows them."
            required
            value={folder}
            onChange={(event) => setFolder(event.target.value)}
            error={form.errorAt("path")}
          />
        )}
        <Field label="What is it?" help="Markdown; it can be changed later.">
          {(attributes) => (
            <textarea
              className="field"
              rows={3}
              {...attributes}
              value={description}
              onChange={(event) => setDescription(event.target.value)}
            />
          )}
        </Field>
        <FormError error={form.errorAt("name") || form.errorAt("path") ? undefined : form.error} />
        <button
          type="submit"
          className="button button-primary self-end"
          disabled={form.busy || source === "" || name.trim() === ""}
        >
          Register
        </button>
      </form>
    </Dialog>
  );
}

/** Somebody may have made the model in the meantime, or it lies beyond the suggested names: then it gets a version. */
function unlessKnown(error: unknown): void {
  if (!(error instanceof ApiError && error.code === "conflict")) throw error;
}
