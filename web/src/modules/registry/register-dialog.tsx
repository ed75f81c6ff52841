import { Dialog } from "../../lib/dialog.tsx";
import { Field, FormError, SelectField, TextField } from "../../lib/form.tsx";
import { useGo } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import { FOLDER, type Registration, useRegistration } from "./use-registration.ts";

/** Makes the next version of a model, new or known, from what a run logged. */
export function RegisterDialog({ onClose, ...given }: Registration & { onClose: () => void }) {
  const go = useGo();
  const draft = useRegistration(given, (name, version) => {
    onClose();
    go(paths.modelVersion(given.project, name, version));
  });
  const { form } = draft;
  return (
    <Dialog title="Register a model version" onClose={onClose}>
      <form className="flex flex-col gap-3" onSubmit={form.onSubmit}>
        <ModelField draft={draft} settled={given.model !== undefined ? "settled" : "open"} />
        <SourceField draft={draft} />
        {draft.source === FOLDER && (
          <TextField
            label="Folder"
            help="Below the run's files, as the Artifacts tab shows them."
            required
            value={draft.folder}
            onChange={(event) => draft.setFolder(event.target.value)}
            error={form.errorAt("path")}
          />
        )}
        <Field label="What is it?" help="Markdown; it can be changed later.">
          {(attributes) => (
            <textarea
              className="field"
              rows={3}
              {...attributes}
              value={draft.description}
              onChange={(event) => draft.setDescription(event.target.value)}
            />
          )}
        </Field>
        <FormError error={form.errorAt("name") || form.errorAt("path") ? undefined : form.error} />
        <button
          type="submit"
          className="button button-primary self-end"
          disabled={form.busy || !draft.isWhole}
        >
          Register
        </button>
      </form>
    </Dialog>
  );
}

type Draft = ReturnType<typeof useRegistration>;

/** The model's name, with the known ones suggested. */
function ModelField({ draft, settled }: { draft: Draft; settled: "settled" | "open" }) {
  const { name, isNew, known } = draft;
  return (
    <Field
      label="Model"
      help={isNew ? `${name.trim()} is new and is made now.` : "A known model gets its next version."}
      error={draft.form.errorAt("name")}
    >
      {(attributes) => (
        <>
          <input
            className="field"
            {...attributes}
            list="known-models"
            required
            maxLength={256}
            disabled={settled === "settled"}
            placeholder="flight-delay"
            value={name}
            onChange={(event) => draft.setName(event.target.value)}
          />
          <datalist id="known-models">
            {known.map((one) => (
              <option key={one.name} value={one.name} />
            ))}
          </datalist>
        </>
      )}
    </Field>
  );
}

function SourceField({ draft }: { draft: Draft }) {
  if (draft.hasNoSource)
    return (
      <p className="rounded-md bg-warn-soft px-3 py-2">
        No run of this project has logged a model yet. To register a folder of a run's files, open the run.
      </p>
    );
  if (draft.choices.length === 0) return null;
  return (
    <SelectField
      label="What is registered"
      value={draft.source}
      onChange={(event) => draft.setChosen(event.target.value)}
      options={draft.choices}
    />
  );
}
