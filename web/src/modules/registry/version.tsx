import type { ModelVersion, RegisteredModel } from "@atrium/contract/registry";
import { useParams } from "@tanstack/react-router";
import { Rocket } from "lucide-react";
import { useState } from "react";
import { Activity } from "../../lib/activity.tsx";
import { CodeDialog } from "../../lib/code-dialog.tsx";
import { Description } from "../../lib/description.tsx";
import { ConfirmByTyping } from "../../lib/dialog.tsx";
import { useFarewell } from "../../lib/fresh.ts";
import { LineageGraph } from "../../lib/lineage-graph.tsx";
import { LineageRibbon } from "../../lib/lineage-ribbon.tsx";
import { Link, useGo } from "../../lib/link.tsx";
import { MoreMenu } from "../../lib/menu.tsx";
import { Facts, ObjectHeader } from "../../lib/page.tsx";
import { paths } from "../../lib/paths.ts";
import { useProject, useSession } from "../../lib/session.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import { type Tab, Tabs } from "../../lib/tabs.tsx";
import { TagsCard } from "../../lib/tags-card.tsx";
import { Ago, Status } from "../../lib/words.tsx";
import { Artifacts } from "../artifacts/artifacts.tsx";
import { ServedAt } from "../serving/served-at.tsx";
import { useRun } from "../tracking/runs-api.ts";
import { ValuesTable } from "../tracking/values-table.tsx";
import { AliasLabels, AliasMenu } from "./aliases.tsx";
import { deleteVersion, newestVersion, REGISTRY_READS, useModel, useVersion } from "./registry-api.ts";
import { versionCode } from "./same-as-code.ts";
import { SignatureCard } from "./signature-card.tsx";
import { useModelActions } from "./use-model-actions.ts";

const NAME_SHOWN_MAX = 60;

/** One version of a model: where it came from, what it is for, what it holds. */
export function VersionScreen() {
  const project = useProject();
  const { model = "", version = "" } = useParams({ strict: false }) as { model?: string; version?: string };
  const of = useModel(project, model);
  const one = useVersion(project, model, Number(version));
  const error = one.error ?? of.error;
  if (error && !(one.data && of.data))
    return (
      <ErrorState
        heading="h1"
        error={error}
        onRetry={() => {
          void one.refetch();
          void of.refetch();
        }}
      />
    );
  if (!one.data || !of.data) return <Skeleton rows={10} />;
  return <VersionPage project={project} model={of.data} version={one.data} />;
}

interface Shown {
  project: string;
  model: RegisteredModel;
  version: ModelVersion;
}

type Over = "code" | "delete";

function VersionPage({ project, model, version }: Shown) {
  const go = useGo();
  const farewell = useFarewell(REGISTRY_READS);
  const [over, setOver] = useState<Over | undefined>();
  const close = () => setOver(undefined);
  const run = useRun(project, version.runId ?? "", version.runId === undefined ? "wait" : "read").data;
  const names: Record<string, string> = run ? { [run.id]: run.name } : {};
  return (
    <>
      <VersionHeader project={project} model={model} version={version} onOver={setOver} />
      <LineageRibbon
        project={project}
        type="model-version"
        id={model.name}
        version={String(version.version)}
        names={names}
      />
      <Tabs tabs={tabsOf({ project, model, version }, names)} />
      {over === "code" && <CodeDialog code={versionCode(project, version)} onClose={close} />}
      {over === "delete" && (
        <ConfirmByTyping
          title="Delete the version"
          name={`${model.name} v${version.version}`}
          verb="Delete"
          explains="Its aliases go with it; the run and its files stay. Its number is never used again. This cannot be undone."
          onConfirm={() =>
            farewell(
              () => deleteVersion({ project, params: { model: model.name, version: version.version } }),
              () => go(paths.model(project, model.name), "replace"),
            )
          }
          onClose={close}
        />
      )}
    </>
  );
}

function VersionHeader({ project, model, version, onOver }: Shown & { onOver: (over: Over) => void }) {
  const { can } = useSession();
  return (
    <ObjectHeader
      kind="Model version"
      name={
        <>
          <Link to={paths.model(project, model.name)} className="hover:underline">
            {model.name}
          </Link>{" "}
          v{version.version}
        </>
      }
      id={`models:/${model.name}/${version.version}`}
      idLength={NAME_SHOWN_MAX}
      facts={<VersionFacts project={project} model={model} version={version} />}
      actions={
        <>
          {can("endpoint:write") && version.artifactPath !== undefined && (
            <Link className="button" to={paths.deploy(project, model.name, version.version)}>
              <Rocket size={14} /> Deploy
            </Link>
          )}
          <AliasMenu project={project} model={model} version={version} looks="button" />
          <VersionMenu project={project} model={model} version={version} onOver={onOver} />
        </>
      }
    />
  );
}

function VersionFacts({ project, model, version }: Shown) {
  const newest = newestVersion(model);
  return (
    <>
      <Status status={version.status} />
      {version.aliases.length > 0 && <AliasLabels aliases={version.aliases} />}
      {version.stage !== "None" && <span>{version.stage}</span>}
      <ServedAt project={project} version={version} />
      <span>
        by {version.createdBy}, <Ago at={version.createdMs} />
      </span>
      {newest && newest.version > version.version && (
        <Link className="link" to={paths.modelVersion(project, model.name, newest.version)}>
          newest is v{newest.version}
        </Link>
      )}
    </>
  );
}

function VersionMenu({ project, model, version, onOver }: Shown & { onOver: (over: Over) => void }) {
  const { can } = useSession();
  const go = useGo();
  const deletes = ["line" as const, { title: "Delete", danger: "yes", run: () => onOver("delete") }];
  return (
    <MoreMenu
      items={[
        { title: "Copy as code", run: () => onOver("code") },
        ...comparisons(model, version).map(([words, other]) => ({
          title: words,
          run: () => go(paths.compareVersions(project, model.name, [other, version.version])),
        })),
        ...(can("model:delete") ? deletes : []),
      ]}
    />
  );
}

/** The versions one usually wants to see beside this one: those with aliases, and the one before. */
function comparisons(model: RegisteredModel, version: ModelVersion): [string, number][] {
  const aliased = Object.entries(model.aliases)
    .filter(([, at]) => at !== version.version)
    .map(([alias, at]): [string, number] => [`Compare with @${alias}`, at]);
  return version.version > 1
    ? [...aliased, [`Compare with v${version.version - 1}`, version.version - 1]]
    : aliased;
}

function tabsOf({ project, model, version }: Shown, names: Record<string, string>): Tab[] {
  const thing = { type: "model-version", id: model.name, version: String(version.version) };
  return [
    {
      id: "overview",
      title: "Overview",
      content: () => <Overview project={project} model={model} version={version} />,
    },
    {
      id: "files",
      title: "Files",
      content: () =>
        version.artifactPath === undefined ? (
          <EmptyState title="Its files lie elsewhere">{version.source}</EmptyState>
        ) : (
          <Artifacts project={project} root={version.artifactPath} />
        ),
    },
    {
      id: "lineage",
      title: "Lineage",
      content: () => <LineageGraph project={project} thing={thing} names={names} />,
    },
    {
      id: "activity",
      title: "Activity",
      content: () => (
        <Activity project={project} type="model-version" name={`${model.name} ${version.version}`} />
      ),
    },
  ];
}

function Overview({ project, version }: Shown) {
  const { can } = useSession();
  const actions = useModelActions(project);
  return (
    <div className="grid gap-4 p-4 lg:grid-cols-2 lg:items-start">
      <div className="flex min-w-0 flex-col gap-4">
        <Description
          text={version.description}
          placeholder="What changed in this version, and why."
          onSave={can("model:write") ? (text) => actions.describeVersion(version, text) : undefined}
        />
        <section className="card p-3">
          <h2 className="mb-2">Where it came from</h2>
          <Facts
            items={[
              ["Run", <SourceRun key="r" project={project} version={version} />],
              ...(version.loggedModelId
                ? [
                    [
                      "Logged model",
                      <Link
                        key="l"
                        className="link break-all"
                        to={paths.loggedModel(project, version.loggedModelId)}
                      >
                        {version.loggedModelId}
                      </Link>,
                    ] as const,
                  ]
                : []),
              [
                "Source",
                <code key="s" className="break-all">
                  {version.source}
                </code>,
              ],
              ["Updated", <Ago key="u" at={version.updatedMs} />],
            ]}
          />
        </section>
        <TagsCard
          tags={version.tags}
          onSet={
            can("model:write") ? (name, value) => actions.setVersionTag(version, name, value) : undefined
          }
        />
      </div>
      <div className="flex min-w-0 flex-col gap-4">
        <SignatureCard project={project} artifactPath={version.artifactPath} />
        {version.runId && <RunValues project={project} runId={version.runId} />}
      </div>
    </div>
  );
}

function SourceRun({ project, version }: { project: string; version: ModelVersion }) {
  const { data: run } = useRun(project, version.runId ?? "", version.runId === undefined ? "wait" : "read");
  if (version.runId === undefined) return <span className="text-ink-3">none</span>;
  return (
    <Link className="link" to={paths.run(project, version.runId)}>
      {run?.name ?? version.runId}
    </Link>
  );
}

function RunValues({ project, runId }: { project: string; runId: string }) {
  const { data: run } = useRun(project, runId);
  if (!run) return null;
  return (
    <>
      <ValuesTable title="Metrics of its run" kind="numbers" values={run.metrics} />
      <ValuesTable title="Parameters of its run" values={run.params} />
    </>
  );
}
