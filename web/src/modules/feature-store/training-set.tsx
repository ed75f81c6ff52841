import type { TrainingSet } from "@atrium/contract/feature-store";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { Activity } from "../../lib/activity.tsx";
import { CodeBlock } from "../../lib/code.tsx";
import { CodeDialog } from "../../lib/code-dialog.tsx";
import { CopyableId } from "../../lib/copy.tsx";
import { formatNumber } from "../../lib/format.ts";
import { LineageGraph } from "../../lib/lineage-graph.tsx";
import { LineageRibbon } from "../../lib/lineage-ribbon.tsx";
import { Link } from "../../lib/link.tsx";
import { MoreMenu } from "../../lib/menu.tsx";
import { Facts, ObjectHeader } from "../../lib/page.tsx";
import { paths } from "../../lib/paths.ts";
import { useProject } from "../../lib/session.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import { Tabs } from "../../lib/tabs.tsx";
import { Ago, Bytes, Elapsed, Num, Status } from "../../lib/words.tsx";
import { WatchedBy } from "../monitoring/watched-by.tsx";
import { useTrainingSet } from "./features-api.ts";
import { trainingSetCode } from "./same-as-code.ts";
import { StatisticsTable } from "./statistics.tsx";

const NAME_SHOWN_MAX = 60;

/** One training set: what it holds, of what it was made, and the statement that makes it again. */
export function TrainingSetScreen() {
  const project = useProject();
  const { name = "", number = "" } = useParams({ strict: false }) as { name?: string; number?: string };
  const { data, error, refetch } = useTrainingSet(project, name, Number(number));
  if (error && !data) return <ErrorState heading="h1" error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton rows={10} />;
  return <TrainingSetPage project={project} set={data} />;
}

function TrainingSetPage({ project, set }: { project: string; set: TrainingSet }) {
  const [over, setOver] = useState<"code" | "none">("none");
  const title = `${set.name} ${set.number}`;
  const thing = { type: "training-set", id: set.name, version: String(set.number) };
  return (
    <>
      <ObjectHeader
        kind="Training set"
        name={title}
        id={title}
        idLength={NAME_SHOWN_MAX}
        facts={
          <>
            <Status status={set.state} />
            {set.rows !== undefined && <span>{formatNumber(set.rows)} rows</span>}
            <span>
              by {set.createdBy}, <Ago at={set.createdMs} />
            </span>
          </>
        }
        actions={<MoreMenu items={[{ title: "Copy as code", run: () => setOver("code") }]} />}
      />
      <LineageRibbon project={project} type={thing.type} id={thing.id} version={thing.version} />
      <Tabs
        tabs={[
          { id: "overview", title: "Overview", content: () => <Overview project={project} set={set} /> },
          { id: "plan", title: "Plan and SQL", content: () => <Plan set={set} /> },
          {
            id: "lineage",
            title: "Lineage",
            content: () => <LineageGraph project={project} thing={thing} />,
          },
          {
            id: "activity",
            title: "Activity",
            content: () => <Activity project={project} type="training-set" name={title} />,
          },
        ]}
      />
      {over === "code" && <CodeDialog code={trainingSetCode(project, set)} onClose={() => setOver("none")} />}
    </>
  );
}

function Overview({ project, set }: { project: string; set: TrainingSet }) {
  return (
    <div className="flex flex-col gap-4 p-4">
      {set.error && (
        <p role="alert" className="rounded-md bg-bad-soft px-3 py-2 text-bad">
          {set.error}
        </p>
      )}
      <div className="grid gap-4 lg:grid-cols-2 lg:items-start">
        <About project={project} set={set} />
        <div className="flex min-w-0 flex-col gap-4">
          <Inputs project={project} set={set} />
          <WatchedBy project={project} of={{ trainingSet: set.name }} />
        </div>
      </div>
      {set.columns.length > 0 ? (
        <StatisticsTable columns={set.columns} rowCount={set.rows ?? 0} />
      ) : (
        set.state !== "failed" && (
          <EmptyState title="It is being built" drawing="chart">
            Its statistics appear here by themselves when the worker is done.
          </EmptyState>
        )
      )}
    </div>
  );
}

function About({ project, set }: { project: string; set: TrainingSet }) {
  const { asked } = set;
  return (
    <section className="card min-w-0 p-3">
      <h2 className="mb-2">What it is</h2>
      <Facts
        items={[
          [
            "Service",
            <Link
              key="service"
              className="link"
              to={paths.featureService(project, asked.service, set.serviceVersion)}
            >
              {asked.service} v{set.serviceVersion}
            </Link>,
          ],
          ["Rows", <Num key="rows" value={set.rows} />],
          ["Time of a row", <code key="time">{asked.entities.timestampColumn}</code>],
          ["Names", asked.names === "full" ? "view__feature" : "feature"],
          ["Where there is no value", asked.defaults === "filled" ? "the declared default" : "null"],
          ["Size", <Bytes key="size" value={set.sizeBytes} />],
          ["Took", <Elapsed key="took" from={set.createdMs} to={set.endedMs} />],
          ...(set.artifactPath
            ? [
                [
                  "File",
                  <code key="file" className="break-all">
                    {set.artifactPath}
                  </code>,
                ] as const,
              ]
            : []),
          ...(set.digest
            ? [["SHA-256", <CopyableId key="digest" id={set.digest} length={16} />] as const]
            : []),
        ]}
      />
    </section>
  );
}

function Inputs({ project, set }: { project: string; set: TrainingSet }) {
  return (
    <section className="card min-w-0">
      <h2 className="flex h-9 items-center border-line border-b px-3">Made of, by content</h2>
      <ul>
        {set.inputs.map((input) => (
          <li
            key={input.name}
            className="flex min-h-9 flex-wrap items-center gap-x-3 border-line border-b px-3 py-1 last:border-0"
          >
            <code>{input.name}</code>
            <Link className="link" to={paths.datasetVersion(project, input.dataset, input.version)}>
              {input.dataset} v{input.version}
            </Link>
            <span className="ml-auto">
              <CopyableId id={input.digest} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

const PLANS: Readonly<Record<string, string>> = {
  candidates: "Each row is joined to all rows of its key that are young enough; the newest one holds.",
  ordered: "Rows and history are read once, in the order of time; the last one seen holds.",
  windows: "Trailing windows over the history of each key, up to but without the row's own time.",
  totals:
    "Trailing windows as the difference of two running totals of each key: whole numbers lose no digit by it.",
};

function Plan({ set }: { set: TrainingSet }) {
  const plans = Object.entries(set.plans);
  return (
    <div className="flex flex-col gap-4 p-4">
      {plans.length > 0 && (
        <section className="card min-w-0">
          <h2 className="flex h-9 items-center border-line border-b px-3">How each view was joined</h2>
          <dl>
            {plans.map(([view, plan]) => (
              <div
                key={view}
                className="flex flex-wrap gap-x-4 border-line border-b px-3 py-1.5 last:border-0"
              >
                <dt className="min-w-40 font-medium">{view}</dt>
                <dd className="min-w-0 flex-1 text-ink-2">{PLANS[plan] ?? plan}</dd>
              </div>
            ))}
          </dl>
        </section>
      )}
      {set.asked.entities.sql && (
        <section>
          <h2 className="mb-2">The rows that were asked for</h2>
          <CodeBlock code={set.asked.entities.sql} label="statement" />
        </section>
      )}
      {set.sql ? (
        <section>
          <h2 className="mb-2">The statement that made it</h2>
          <CodeBlock code={set.sql} label="statement" />
        </section>
      ) : (
        <EmptyState title="There is no statement yet">It is written when the worker begins.</EmptyState>
      )}
    </div>
  );
}
