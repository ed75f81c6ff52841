import type { Project } from "@atrium/contract/projects";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useMore, usePages } from "../../lib/api.ts";
import { Choice } from "../../lib/choice.tsx";
import { ConfirmByTyping, Dialog } from "../../lib/dialog.tsx";
import { FormError, SelectField, TextField, useSubmit } from "../../lib/form.tsx";
import { formatTime } from "../../lib/format.ts";
import { useFresh, useUndoable } from "../../lib/fresh.ts";
import { Link, useGo } from "../../lib/link.tsx";
import { MoreMenu } from "../../lib/menu.tsx";
import { NameDialog } from "../../lib/name-dialog.tsx";
import { Panel } from "../../lib/panel.tsx";
import { paths } from "../../lib/paths.ts";
import { useSession } from "../../lib/session.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import type { Column } from "../../lib/table/column.ts";
import { Table } from "../../lib/table/table.tsx";
import { useUrl } from "../../lib/url.ts";
import { Ago } from "../../lib/words.tsx";
import {
  createProject,
  listProjects,
  PROJECT_READS,
  purgeProject,
  renameOrganisation,
  setProjectState,
} from "./settings-api.ts";

type State = Project["state"];
const STATES: readonly (readonly [State, string])[] = [
  ["active", "Active"],
  ["archived", "Archived"],
  ["deleted", "Deleted"],
];

/** The organisation's name and its projects, those that are put away among them. */
export function Organisation() {
  const session = useSession();
  const [url, setUrl] = useUrl();
  const state = STATES.find(([one]) => one === url.state)?.[0] ?? "active";
  const pages = usePages(listProjects, { query: { state } });
  const [over, setOver] = useState<"new" | { rename: string } | { purge: Project } | undefined>();
  const undoable = useUndoable(PROJECT_READS);
  const close = () => setOver(undefined);
  const become = (project: Project, next: State) =>
    setProjectState({ params: { project: project.id }, body: { state: next } });
  const restore = (project: Project) =>
    void undoable({
      act: () => become(project, "active"),
      said: `${project.name} is active again`,
      undo: () => become(project, project.state),
    });
  const more = useMore(pages);
  const rows = pages.data?.pages.flatMap((page) => page.items) ?? [];
  const columns = projectColumns({
    organisationName: (id) => session.organisations.find((one) => one.id === id)?.name ?? "",
    state,
    onRestore: session.canSomewhere("project:delete") ? restore : undefined,
    onPurge: session.canSomewhere("project:delete") ? (project) => setOver({ purge: project }) : undefined,
  });
  const renamed = typeof over === "object" && "rename" in over ? over.rename : undefined;
  return (
    <Panel
      words={<Names onRename={(id) => setOver({ rename: id })} />}
      action={
        <>
          <Choice
            label="Which projects"
            value={state}
            options={STATES}
            onChange={(one) => setUrl({ state: one === "active" ? undefined : one })}
          />
          {session.canSomewhere("project:create") && (
            <button type="button" className="button button-primary" onClick={() => setOver("new")}>
              <Plus size={14} /> New project
            </button>
          )}
        </>
      }
    >
      {pages.error ? (
        <ErrorState error={pages.error} onRetry={() => void pages.refetch()} />
      ) : pages.isPending ? (
        <Skeleton />
      ) : (
        <Table
          name="projects"
          label="Projects"
          rows={rows}
          rowId={(project) => project.id}
          columns={columns}
          onEndReached={more}
          empty={<EmptyState title={state === "active" ? "No projects" : `No ${state} projects`} />}
        />
      )}
      {over === "new" && <NewProject onClose={close} />}
      {renamed && <RenameOrganisation id={renamed} onClose={close} />}
      {typeof over === "object" && "purge" in over && <PurgeProject project={over.purge} onClose={close} />}
    </Panel>
  );
}

function Names({ onRename }: { onRename: (organisation: string) => void }) {
  const session = useSession();
  return (
    <span className="flex flex-wrap items-center gap-x-4 gap-y-1">
      {session.organisations.map((one) => (
        <span key={one.id} className="flex items-center gap-2">
          <strong className="text-ink">{one.name}</strong>
          {session.can("organisation:write") && (
            <button
              type="button"
              className="link"
              aria-label={`Rename ${one.name}`}
              onClick={() => onRename(one.id)}
            >
              Rename
            </button>
          )}
        </span>
      ))}
    </span>
  );
}

function RenameOrganisation({ id, onClose }: { id: string; onClose: () => void }) {
  const { organisations } = useSession();
  const fresh = useFresh(PROJECT_READS);
  return (
    <NameDialog
      title="Rename the organisation"
      name={organisations.find((one) => one.id === id)?.name ?? ""}
      onName={(name) => fresh(() => renameOrganisation({ params: { organisation: id }, body: { name } }))}
      onClose={onClose}
    />
  );
}

function PurgeProject({ project, onClose }: { project: Project; onClose: () => void }) {
  const fresh = useFresh(PROJECT_READS);
  const { id, slug } = project;
  return (
    <ConfirmByTyping
      title="Purge the project"
      name={slug}
      verb="Purge for good"
      explains="Its key is destroyed, and with it every run, model, file, log and secret of it. Nobody can bring them back, from a backup of the database neither."
      onConfirm={() => fresh(() => purgeProject({ params: { project: id }, body: { confirmSlug: slug } }))}
      onClose={onClose}
    />
  );
}

function projectColumns(options: {
  organisationName: (id: string) => string;
  state: State;
  onRestore: ((project: Project) => void) | undefined;
  onPurge: ((project: Project) => void) | undefined;
}): Column<Project>[] {
  const { organisationName, state, onRestore, onPurge } = options;
  return [
    {
      id: "name",
      title: "Project",
      width: 240,
      fixed: "first",
      text: (project) => project.name,
      cell: (project) =>
        project.state === "deleted" ? (
          <span className="font-medium">{project.name}</span>
        ) : (
          <Link to={paths.home(project.slug)} className="font-medium hover:underline">
            {project.name}
          </Link>
        ),
    },
    {
      id: "slug",
      title: "Short name",
      width: 160,
      usual: "shown",
      text: (project) => project.slug,
      cell: (project) => <code>{project.slug}</code>,
    },
    {
      id: "changed",
      title: state === "deleted" ? "Deleted" : "Changed",
      width: 120,
      usual: "shown",
      text: (project) => formatTime(project.deletedMs ?? project.updatedMs),
      cell: (project) => <Ago at={project.deletedMs ?? project.updatedMs} />,
    },
    {
      id: "organisation",
      title: "Organisation",
      width: 160,
      usual: "shown",
      text: (project) => organisationName(project.organisationId),
      cell: (project) => organisationName(project.organisationId),
    },
    {
      id: "actions",
      title: "",
      width: 120,
      usual: "shown",
      text: () => "",
      cell: (project) => <Actions project={project} onRestore={onRestore} onPurge={onPurge} />,
    },
  ];
}

function Actions({
  project,
  onRestore,
  onPurge,
}: {
  project: Project;
  onRestore: ((project: Project) => void) | undefined;
  onPurge: ((project: Project) => void) | undefined;
}) {
  const go = useGo();
  return (
    <MoreMenu
      items={[
        ...(project.state === "deleted"
          ? []
          : [{ title: "Settings", run: () => go(paths.projectSettings(project.slug)) }]),
        ...(project.state !== "active" && onRestore
          ? [{ title: "Make it active", run: () => onRestore(project) }]
          : []),
        ...(project.state === "deleted" && onPurge
          ? ["line" as const, { title: "Purge for good", danger: "yes", run: () => onPurge(project) }]
          : []),
      ]}
    />
  );
}

function NewProject({ onClose }: { onClose: () => void }) {
  const { organisations } = useSession();
  const go = useGo();
  const fresh = useFresh(PROJECT_READS);
  const [slug, setSlug] = useState("");
  const [name, setName] = useState("");
  const [organisationId, setOrganisation] = useState(organisations[0]?.id ?? "");
  const form = useSubmit(async () => {
    await fresh(() =>
      createProject({
        body: { slug, ...(name ? { name } : {}), ...(organisationId ? { organisationId } : {}) },
      }),
    );
    onClose();
    go(paths.home(slug));
  });
  return (
    <Dialog title="New project" onClose={onClose}>
      <form className="flex flex-col gap-3" onSubmit={form.onSubmit}>
        <TextField
          label="Short name"
          help="Part of every address: small letters, digits and hyphens. It stays as it is."
          pattern="[a-z0-9][a-z0-9\-]{0,62}"
          placeholder="flights"
          required
          value={slug}
          onChange={(event) => setSlug(event.target.value)}
          error={form.errorAt("slug")}
        />
        <TextField
          label="Display name"
          placeholder={slug || "Flight delays"}
          maxLength={120}
          value={name}
          onChange={(event) => setName(event.target.value)}
          error={form.errorAt("name")}
        />
        {organisations.length > 1 && (
          <SelectField
            label="Organisation"
            value={organisationId}
            onChange={(event) => setOrganisation(event.target.value)}
            options={organisations.map((one) => ({ value: one.id, title: one.name }))}
          />
        )}
        <FormError error={form.errorAt("slug") || form.errorAt("name") ? undefined : form.error} />
        <button type="submit" className="button button-primary self-end" disabled={form.busy || slug === ""}>
          Create the project
        </button>
      </form>
    </Dialog>
  );
}
