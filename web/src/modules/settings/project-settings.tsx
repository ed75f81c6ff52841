import type { Project } from "@atrium/contract/projects";
import { type ReactNode, useState } from "react";
import { useApi } from "../../lib/api.ts";
import { CopyableId } from "../../lib/copy.tsx";
import { ConfirmByTyping } from "../../lib/dialog.tsx";
import { Field, FormError, TextField, useSubmit } from "../../lib/form.tsx";
import { useFarewell, useFresh, useUndoable } from "../../lib/fresh.ts";
import { useGo } from "../../lib/link.tsx";
import { Facts } from "../../lib/page.tsx";
import { useSession } from "../../lib/session.tsx";
import { ErrorState, Skeleton } from "../../lib/states.tsx";
import { toast } from "../../lib/toast.tsx";
import { Ago } from "../../lib/words.tsx";
import { getProject, PROJECT_READS, setProjectState, updateProject } from "./settings-api.ts";

/** Name, retention and the end of one project. */
export function ProjectSettings() {
  const { project: slug, can } = useSession();
  const { data: project, error, refetch } = useApi(getProject, { params: { project: slug } });
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!project) return <Skeleton />;
  return (
    <div className="flex max-w-2xl flex-col gap-6 p-4">
      <Facts
        items={[
          ["Short name", <code key="s">{project.slug}</code>],
          ["Id", <CopyableId key="i" id={project.id} length={36} />],
          ["Created", <Ago key="c" at={project.createdMs} />],
        ]}
      />
      <Names key={`names ${project.updatedMs}`} project={project} editable={can("project:write")} />
      <Retention key={`retention ${project.updatedMs}`} project={project} editable={can("project:write")} />
      {can("project:delete") && <End project={project} />}
    </div>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="card">
      <h2 className="border-line border-b px-4 py-2">{title}</h2>
      {children}
    </section>
  );
}

interface Editing {
  project: Project;
  editable: boolean;
}

function Names({ project, editable }: Editing) {
  const fresh = useFresh(PROJECT_READS);
  const [name, setName] = useState(project.name);
  const [description, setDescription] = useState(project.description);
  const form = useSubmit(async () => {
    await fresh(() => updateProject({ params: { project: project.id }, body: { name, description } }));
    toast("Saved");
  });
  const changed = name !== project.name || description !== project.description;
  return (
    <Section title="Name">
      <form className="flex flex-col gap-3 p-4" onSubmit={form.onSubmit}>
        <TextField
          label="Display name"
          required
          maxLength={120}
          disabled={!editable}
          value={name}
          onChange={(event) => setName(event.target.value)}
          error={form.errorAt("name")}
        />
        <Field label="Description" help="What the project is about, for those who come later.">
          {(attributes) => (
            <textarea
              className="field"
              rows={3}
              maxLength={4000}
              disabled={!editable}
              {...attributes}
              value={description}
              onChange={(event) => setDescription(event.target.value)}
            />
          )}
        </Field>
        <Save form={form} changed={changed} editable={editable} />
      </form>
    </Section>
  );
}

function Save({
  form,
  changed,
  editable,
}: {
  form: ReturnType<typeof useSubmit>;
  changed: boolean;
  editable: boolean;
}) {
  if (!editable) return null;
  return (
    <>
      <FormError error={form.error} />
      <button type="submit" className="button button-primary self-end" disabled={form.busy || !changed}>
        Save
      </button>
    </>
  );
}

const BYTES_A_GIB = 1024 ** 3;

/** Empty means the server's own limit. */
function Retention({ project, editable }: Editing) {
  const { telemetryDays, telemetryBytesMax } = project.settings;
  const fresh = useFresh(PROJECT_READS);
  const before = {
    days: telemetryDays === undefined ? "" : String(telemetryDays),
    gib: telemetryBytesMax === undefined ? "" : String(telemetryBytesMax / BYTES_A_GIB),
  };
  const [days, setDays] = useState(before.days);
  const [gib, setGib] = useState(before.gib);
  const form = useSubmit(async () => {
    const { telemetryDays: _days, telemetryBytesMax: _bytes, ...others } = project.settings;
    const settings = {
      ...others,
      ...(days ? { telemetryDays: Number(days) } : {}),
      ...(gib ? { telemetryBytesMax: Math.round(Number(gib) * BYTES_A_GIB) } : {}),
    };
    await fresh(() => updateProject({ params: { project: project.id }, body: { settings } }));
    toast("Saved");
  });
  return (
    <Section title="Logs and metrics are kept">
      <form className="flex flex-col gap-3 p-4" onSubmit={form.onSubmit}>
        <div className="grid gap-3 sm:grid-cols-2">
          <TextField
            label="For at most, days"
            type="number"
            min={1}
            max={3650}
            placeholder="the server's limit"
            disabled={!editable}
            value={days}
            onChange={(event) => setDays(event.target.value)}
            error={form.errorAt("telemetryDays")}
          />
          <TextField
            label="Up to, GiB"
            type="number"
            min={0.001}
            step="any"
            placeholder="the server's limit"
            disabled={!editable}
            value={gib}
            onChange={(event) => setGib(event.target.value)}
            error={form.errorAt("telemetryBytesMax")}
          />
        </div>
        <p className="text-ink-3 text-xs">
          Whichever is reached first; the oldest lines go first. This is about log lines and the server's
          metrics, never about what runs logged.
        </p>
        <Save form={form} changed={days !== before.days || gib !== before.gib} editable={editable} />
      </form>
    </Section>
  );
}

/** Archived: read-only, with undo. Deleted: away from every list, restorable until it is purged. */
function End({ project }: { project: Project }) {
  const go = useGo();
  const farewell = useFarewell(PROJECT_READS);
  const undoable = useUndoable(PROJECT_READS);
  const [over, setOver] = useState<"delete" | undefined>();
  const become = (state: Project["state"]) =>
    setProjectState({ params: { project: project.id }, body: { state } });
  const archived = project.state === "archived";
  return (
    <Section title="End of the project">
      <div className="flex flex-wrap items-center gap-3 border-line border-b p-4">
        <p className="min-w-48 flex-1 text-ink-2">
          {archived
            ? "It is archived: everything can be read, nothing can be written."
            : "An archived project can be read, but no longer written to."}
        </p>
        <button
          type="button"
          className="button"
          onClick={() =>
            void undoable({
              act: () => become(archived ? "active" : "archived"),
              said: archived ? `${project.name} is active again` : `${project.name} is archived`,
              undo: () => become(project.state),
            })
          }
        >
          {archived ? "Make it active" : "Archive"}
        </button>
      </div>
      <div className="flex flex-wrap items-center gap-3 p-4">
        <p className="min-w-48 flex-1 text-ink-2">
          A deleted project is gone from every list; it can be restored until somebody purges it.
        </p>
        <button type="button" className="button button-danger" onClick={() => setOver("delete")}>
          Delete
        </button>
      </div>
      {over === "delete" && (
        <ConfirmByTyping
          title="Delete the project"
          name={project.slug}
          verb="Delete"
          explains="Its runs, models and files are refused to everyone at once. Organisation → Deleted restores it."
          onConfirm={() =>
            farewell(
              () => become("deleted"),
              () => go("/settings?tab=organisation&state=deleted", "replace"),
            )
          }
          onClose={() => setOver(undefined)}
        />
      )}
    </Section>
  );
}
