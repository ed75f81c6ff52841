import type { DatasetUse, RunDetails } from "@atrium/contract/tracking";
import { Box, Database } from "lucide-react";
import type { ReactNode } from "react";
import { CopyableId } from "../../lib/copy.tsx";
import { plural } from "../../lib/format.ts";
import { Link } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import { useSession } from "../../lib/session.tsx";
import { Ago, Status } from "../../lib/words.tsx";
import { pageOfSource } from "./input-source.ts";
import { useLoggedModel, useLoggedModelsOf } from "./runs-api.ts";

/** Datasets and models that a run read. Draws nothing when it read none that we know of. */
export function RunInputs({ project, run }: { project: string; run: RunDetails }) {
  const count = run.datasets.length + run.modelInputs.length;
  if (count === 0) return null;
  return (
    <Links title="Inputs" count={count}>
      {run.datasets.map((dataset) => (
        <Dataset key={`${dataset.name}/${dataset.digest}`} project={project} dataset={dataset} />
      ))}
      {run.modelInputs.map((id) => (
        <InputModel key={id} project={project} id={id} />
      ))}
    </Links>
  );
}

/** Models that a run logged. */
export function RunOutputs({ project, run }: { project: string; run: RunDetails }) {
  const { data } = useLoggedModelsOf(project, run.id, run.modelOutputs.length > 0);
  if (run.modelOutputs.length === 0) return null;
  return (
    <Links title="Outputs" count={run.modelOutputs.length}>
      {run.modelOutputs.map((id) => {
        const model = data?.items.find((one) => one.id === id);
        return (
          <Line key={id} icon={<Box size={14} aria-hidden />}>
            <Link className="link min-w-0 truncate" to={paths.loggedModel(project, id)}>
              {model?.name ?? id}
            </Link>
            {model && <Status status={model.status} />}
            <span className="ml-auto text-ink-3">
              <Ago at={model?.createdMs} />
            </span>
          </Line>
        );
      })}
    </Links>
  );
}

function InputModel({ project, id }: { project: string; id: string }) {
  const { data } = useLoggedModel(project, id);
  return (
    <Line icon={<Box size={14} aria-hidden />}>
      <Link className="link min-w-0 truncate" to={paths.loggedModel(project, id)}>
        {data?.name ?? id}
      </Link>
      <span className="text-ink-3">model</span>
    </Line>
  );
}

const CONTEXT_TAG = "mlflow.data.context";

function Dataset({ project, dataset }: { project: string; dataset: DatasetUse }) {
  const context = dataset.tags[CONTEXT_TAG];
  const columns = columnCount(dataset.schema);
  const { projects } = useSession();
  const id = projects.find(({ slug }) => slug === project)?.id;
  const to = pageOfSource({ slug: project, id }, dataset.source);
  return (
    <Line icon={<Database size={14} aria-hidden />}>
      {to === undefined ? (
        <span className="min-w-0 truncate font-medium" title={dataset.source}>
          {dataset.name}
        </span>
      ) : (
        <Link className="link min-w-0 truncate" to={to} title={dataset.source}>
          {dataset.name}
        </Link>
      )}
      {context && <span className="rounded bg-hover px-1.5 text-xs">{context}</span>}
      {columns !== undefined && (
        <span className="whitespace-nowrap text-ink-3 text-xs max-sm:hidden">
          {plural(columns, "column")}
        </span>
      )}
      <span className="ml-auto flex items-center gap-2 text-ink-3 text-xs">
        <span className="max-sm:hidden">{dataset.sourceType}</span>
        <CopyableId id={dataset.digest} />
      </span>
    </Line>
  );
}

function columnCount(schema: string | undefined): number | undefined {
  try {
    const columns = (JSON.parse(schema ?? "null") as { mlflow_colspec?: unknown } | null)?.mlflow_colspec;
    return Array.isArray(columns) ? columns.length : undefined;
  } catch {
    return undefined; // The client may write any text here; only its own form can be counted.
  }
}

function Links({ title, count, children }: { title: string; count: number; children: ReactNode }) {
  return (
    <section className="card min-w-0">
      <header className="flex h-9 items-center gap-2 border-line border-b px-3">
        <h2>{title}</h2>
        <span className="nums text-ink-3 text-xs">{count}</span>
      </header>
      <ul>{children}</ul>
    </section>
  );
}

function Line({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <li className="flex min-h-8 items-center gap-2 border-line border-b px-3 py-1 last:border-0">
      <span className="text-ink-3">{icon}</span>
      {children}
    </li>
  );
}
