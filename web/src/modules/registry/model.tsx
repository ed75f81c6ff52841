import type { RegisteredModel } from "@atrium/contract/registry";
import { useParams } from "@tanstack/react-router";
import { GitCompareArrows, PackagePlus } from "lucide-react";
import { useMemo, useState } from "react";
import { Activity } from "../../lib/activity.tsx";
import { useMore } from "../../lib/api.ts";
import { CodeDialog } from "../../lib/code-dialog.tsx";
import { Description } from "../../lib/description.tsx";
import { ConfirmByTyping } from "../../lib/dialog.tsx";
import { plural } from "../../lib/format.ts";
import { useFarewell, useFresh } from "../../lib/fresh.ts";
import { useGo } from "../../lib/link.tsx";
import { MoreMenu } from "../../lib/menu.tsx";
import { NameDialog } from "../../lib/name-dialog.tsx";
import { ObjectHeader } from "../../lib/page.tsx";
import { paths } from "../../lib/paths.ts";
import { useProject, useSession } from "../../lib/session.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import { useSelection } from "../../lib/table/selection.ts";
import { Table } from "../../lib/table/table.tsx";
import { type Tab, Tabs } from "../../lib/tabs.tsx";
import { TagsCard } from "../../lib/tags-card.tsx";
import { toast } from "../../lib/toast.tsx";
import { Ago } from "../../lib/words.tsx";
import { AliasHistory } from "./alias-history.tsx";
import { AliasCard } from "./aliases.tsx";
import { versionColumns } from "./model-columns.tsx";
import { RegisterDialog } from "./register-dialog.tsx";
import { deleteModel, REGISTRY_READS, updateModel, useModel, useVersions } from "./registry-api.ts";
import { modelCode } from "./same-as-code.ts";
import { useModelActions } from "./use-model-actions.ts";
import { VERSIONS_COMPARED_MAX, VERSIONS_COMPARED_MIN } from "./version-compare.tsx";

const NAME_SHOWN_MAX = 60;

/** One registered model: where its aliases point, its versions, what was done to it. */
export function ModelScreen() {
  const project = useProject();
  const { model: name = "" } = useParams({ strict: false }) as { model?: string };
  const { data: model, error, refetch } = useModel(project, name);
  if (error && !model) return <ErrorState heading="h1" error={error} onRetry={() => void refetch()} />;
  if (!model) return <Skeleton rows={10} />;
  return <ModelPage project={project} model={model} />;
}

type Over = "code" | "name" | "register" | "delete";

function ModelPage({ project, model }: { project: string; model: RegisteredModel }) {
  const go = useGo();
  const fresh = useFresh(REGISTRY_READS);
  const farewell = useFarewell(REGISTRY_READS);
  const [over, setOver] = useState<Over | undefined>();
  const close = () => setOver(undefined);
  const rename = async (name: string) => {
    await fresh(() => updateModel({ project, params: { model: model.name }, body: { name } }));
    go(paths.model(project, name), "replace");
    toast(`${model.name} is now ${name}`);
  };
  return (
    <>
      <ModelHeader model={model} onOver={setOver} />
      <Tabs tabs={tabsOf(project, model)} />
      {over === "code" && <CodeDialog code={modelCode(project, model.name)} onClose={close} />}
      {over === "name" && (
        <NameDialog
          title="Rename the model"
          name={model.name}
          help="Clients that ask for the old name no longer find it."
          onName={rename}
          onClose={close}
        />
      )}
      {over === "register" && <RegisterDialog project={project} model={model.name} onClose={close} />}
      {over === "delete" && (
        <ConfirmByTyping
          title="Delete the model"
          name={model.name}
          verb="Delete"
          explains={`Its ${plural(model.versions, "version")} and all aliases go with it; the runs and their files stay. This cannot be undone.`}
          onConfirm={() =>
            farewell(
              () => deleteModel({ project, params: { model: model.name } }),
              () => go(paths.models(project), "replace"),
            )
          }
          onClose={close}
        />
      )}
    </>
  );
}

function ModelHeader({ model, onOver }: { model: RegisteredModel; onOver: (over: Over) => void }) {
  const { can } = useSession();
  const deletes = ["line" as const, { title: "Delete", danger: "yes", run: () => onOver("delete") }];
  return (
    <ObjectHeader
      kind="Registered model"
      name={model.name}
      id={`models:/${model.name}`}
      idLength={NAME_SHOWN_MAX}
      facts={
        <>
          <span>{plural(model.versions, "version")}</span>
          <span>
            updated <Ago at={model.updatedMs} />
          </span>
        </>
      }
      actions={
        <>
          {can("model:write") && (
            <button type="button" className="button button-primary" onClick={() => onOver("register")}>
              <PackagePlus size={14} /> <span className="max-sm:sr-only">Register a version</span>
            </button>
          )}
          <MoreMenu
            items={[
              { title: "Copy as code", run: () => onOver("code") },
              ...(can("model:write") ? [{ title: "Rename", run: () => onOver("name") }] : []),
              ...(can("model:delete") ? deletes : []),
            ]}
          />
        </>
      }
    />
  );
}

function tabsOf(project: string, model: RegisteredModel): Tab[] {
  return [
    { id: "overview", title: "Overview", content: () => <Overview project={project} model={model} /> },
    {
      id: "versions",
      title: "Versions",
      count: model.versions,
      content: () => <Versions project={project} model={model} />,
    },
    {
      id: "activity",
      title: "Activity",
      content: () => <Activity project={project} type="model" name={model.name} />,
    },
  ];
}

function Overview({ project, model }: { project: string; model: RegisteredModel }) {
  const { can } = useSession();
  const actions = useModelActions(project);
  const versions = useVersions(project, model.name);
  return (
    <div className="grid gap-4 p-4 lg:grid-cols-2 lg:items-start">
      <div className="flex min-w-0 flex-col gap-4">
        <AliasCard project={project} model={model} versions={versions.rows} />
        <AliasHistory project={project} model={model.name} />
      </div>
      <div className="flex min-w-0 flex-col gap-4">
        <Description
          text={model.description}
          placeholder="What it predicts, from what, for whom; what it must not be used for."
          onSave={can("model:write") ? (text) => actions.describe(model, text) : undefined}
        />
        <TagsCard
          tags={model.tags}
          onSet={can("model:write") ? (name, value) => actions.setTag(model, name, value) : undefined}
        />
      </div>
    </div>
  );
}

function Versions({ project, model }: { project: string; model: RegisteredModel }) {
  const go = useGo();
  const { rows, error, isPending, hasNextPage, fetchNextPage, refetch } = useVersions(project, model.name);
  const { selected, onSelect } = useSelection(rows, ({ version }) => String(version));
  const columns = useMemo(() => versionColumns(project, model), [project, model]);
  const onEndReached = useMore({ hasNextPage, fetchNextPage });
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (isPending) return <Skeleton />;
  const comparable = selected.size >= VERSIONS_COMPARED_MIN && selected.size <= VERSIONS_COMPARED_MAX;
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex shrink-0 items-center gap-3 px-4 py-2">
        <p className="min-w-0 flex-1 text-ink-2">Select two or more to compare them.</p>
        <button
          type="button"
          className="button"
          disabled={!comparable}
          onClick={() => go(paths.compareVersions(project, model.name, [...selected]))}
        >
          <GitCompareArrows size={14} /> Compare{" "}
          {selected.size > 0 && <span className="nums">{selected.size}</span>}
        </button>
      </div>
      <Table
        name="model-versions"
        label="Versions"
        rows={rows}
        rowId={(version) => String(version.version)}
        columns={columns}
        selected={selected}
        onSelect={onSelect}
        onOpen={(version) => go(paths.modelVersion(project, model.name, version.version))}
        onEndReached={onEndReached}
        empty={<EmptyState title="No versions yet">Register what a run logged as the first one.</EmptyState>}
      />
    </div>
  );
}
