import type { RunDetails } from "@atrium/contract/tracking";
import type { ReactNode } from "react";
import { Link } from "../../lib/link.tsx";
import { Facts } from "../../lib/page.tsx";
import { paths } from "../../lib/paths.ts";
import { useSession } from "../../lib/session.tsx";
import { TagsCard } from "../../lib/tags-card.tsx";
import { RunInputs, RunOutputs } from "./run-links.tsx";
import { useRunActions } from "./use-run-actions.ts";
import { ValuesTable } from "./values-table.tsx";

const NOTE_TAG = "mlflow.note.content";
const SOURCE_TAG = "mlflow.source.name";
const COMMIT_TAG = "mlflow.source.git.commit";
// Tags that client libraries write for themselves; what they say of use stands under About.
const INTERNAL_TAG = /^mlflow\./;

/** What a run was given, what it measured, what it read and made. */
export function RunOverview({ project, run }: { project: string; run: RunDetails }) {
  const { can } = useSession();
  const actions = useRunActions(project);
  const tags = Object.fromEntries(Object.entries(run.tags).filter(([name]) => !INTERNAL_TAG.test(name)));
  const note = run.tags[NOTE_TAG];
  return (
    <div className="grid gap-4 p-4 lg:grid-cols-2 lg:items-start">
      {note && <section className="card whitespace-pre-wrap p-3 lg:col-span-2">{note}</section>}
      <div className="flex min-w-0 flex-col gap-4">
        <ValuesTable title="Metrics" kind="numbers" values={run.metrics} />
        <RunInputs project={project} run={run} />
        <RunOutputs project={project} run={run} />
        <section className="card p-3">
          <h2 className="mb-2">About</h2>
          <Facts items={about(project, run)} />
        </section>
      </div>
      <div className="flex min-w-0 flex-col gap-4">
        <ValuesTable title="Parameters" values={run.params} />
        <TagsCard
          tags={tags}
          onSet={can("run:write") ? (name, value) => actions.setTag(run, name, value) : undefined}
        />
      </div>
    </div>
  );
}

function about(project: string, run: RunDetails): (readonly [string, ReactNode])[] {
  const source = run.tags[SOURCE_TAG];
  const commit = run.tags[COMMIT_TAG];
  const facts: (readonly [string, ReactNode])[] = [
    [
      "Experiment",
      <Link key="e" className="link" to={`${paths.runs(project)}?experiments=${run.experimentId}`}>
        {run.experimentName}
      </Link>,
    ],
  ];
  if (run.parentId)
    facts.push([
      "Part of",
      <Link key="p" className="link" to={paths.run(project, run.parentId)}>
        its parent run
      </Link>,
    ]);
  if (source)
    facts.push([
      "Source",
      <code key="s" className="break-all">
        {source}
      </code>,
    ]);
  if (commit)
    facts.push([
      "Commit",
      <code key="c" title={commit}>
        {commit.slice(0, 12)}
      </code>,
    ]);
  return facts;
}
