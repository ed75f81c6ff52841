import type { LoggedModelSummary } from "@atrium/contract/tracking";
import { useParams } from "@tanstack/react-router";
import { PackagePlus } from "lucide-react";
import { useState } from "react";
import { CodeDialog } from "../../lib/code-dialog.tsx";
import { LineageGraph } from "../../lib/lineage-graph.tsx";
import { LineageRibbon } from "../../lib/lineage-ribbon.tsx";
import { Link } from "../../lib/link.tsx";
import { MoreMenu } from "../../lib/menu.tsx";
import { Facts, ObjectHeader } from "../../lib/page.tsx";
import { paths } from "../../lib/paths.ts";
import { useProject, useSession } from "../../lib/session.tsx";
import { ErrorState, Skeleton } from "../../lib/states.tsx";
import { type Tab, Tabs } from "../../lib/tabs.tsx";
import { TagsCard } from "../../lib/tags-card.tsx";
import { Ago, Status } from "../../lib/words.tsx";
import { Artifacts } from "../artifacts/artifacts.tsx";
import { RegisterDialog } from "./register-later.tsx";
import { useLoggedModel, useRun } from "./runs-api.ts";
import { loggedModelCode } from "./same-as-code.ts";
import { ValuesTable } from "./values-table.tsx";

/** A model that a run logged, before anybody has registered it. */
export function LoggedModelScreen() {
  const project = useProject();
  const { model: id = "" } = useParams({ strict: false }) as { model?: string };
  const { data: model, error, refetch } = useLoggedModel(project, id);
  if (error && !model) return <ErrorState heading="h1" error={error} onRetry={() => void refetch()} />;
  if (!model) return <Skeleton rows={10} />;
  return <LoggedModelPage project={project} model={model} />;
}

function LoggedModelPage({ project, model }: { project: string; model: LoggedModelSummary }) {
  const { can } = useSession();
  const source = model.sourceRunId;
  const { data: run } = useRun(project, source ?? "", source === undefined ? "wait" : "read");
  const [over, setOver] = useState<"code" | "register" | undefined>();
  const close = () => setOver(undefined);
  const names = { [model.id]: model.name, ...(run ? { [run.id]: run.name } : {}) };
  return (
    <>
      <ObjectHeader
        kind="Logged model"
        name={model.name}
        id={model.id}
        facts={
          <>
            <Status status={model.status} />
            {model.modelType && <span>{model.modelType}</span>}
            <Ago at={model.createdMs} />
          </>
        }
        actions={
          <>
            {can("model:write") && (
              <button type="button" className="button button-primary" onClick={() => setOver("register")}>
                <PackagePlus size={14} /> Register
              </button>
            )}
            <MoreMenu items={[{ title: "Copy as code", run: () => setOver("code") }]} />
          </>
        }
      />
      <LineageRibbon project={project} type="logged-model" id={model.id} names={names} />
      <Tabs tabs={tabsOf(project, model, { names, runName: run?.name })} />
      {over === "code" && <CodeDialog code={loggedModelCode(project, model.id)} onClose={close} />}
      {over === "register" && (
        <RegisterDialog
          project={project}
          from={{ loggedModelIds: [model.id], suggestedName: model.name }}
          onClose={close}
        />
      )}
    </>
  );
}

function tabsOf(
  project: string,
  model: LoggedModelSummary,
  known: { names: Record<string, string>; runName: string | undefined },
): Tab[] {
  return [
    {
      id: "overview",
      title: "Overview",
      content: () => <Overview project={project} model={model} runName={known.runName} />,
    },
    {
      id: "files",
      title: "Files",
      content: () => <Artifacts project={project} root={model.artifactPath} />,
    },
    {
      id: "lineage",
      title: "Lineage",
      content: () => (
        <LineageGraph project={project} thing={{ type: "logged-model", id: model.id }} names={known.names} />
      ),
    },
  ];
}

function Overview({
  project,
  model,
  runName,
}: {
  project: string;
  model: LoggedModelSummary;
  runName: string | undefined;
}) {
  const tags = Object.fromEntries(Object.entries(model.tags).filter(([name]) => !name.startsWith("mlflow.")));
  return (
    <div className="grid gap-4 p-4 lg:grid-cols-2 lg:items-start">
      <ValuesTable title="Metrics" kind="numbers" values={model.metrics} />
      <ValuesTable title="Parameters" values={model.params} />
      <TagsCard tags={tags} />
      <section className="card p-3">
        <h2 className="mb-2">About</h2>
        <Facts
          items={[
            [
              "Logged by",
              model.sourceRunId ? (
                <Link key="r" className="link" to={paths.run(project, model.sourceRunId)}>
                  {runName ?? "its run"}
                </Link>
              ) : (
                "no run"
              ),
            ],
            ["Changed", <Ago key="u" at={model.updatedMs} />],
          ]}
        />
      </section>
    </div>
  );
}
