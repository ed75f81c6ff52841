import type { Cohort, LoggedPrediction, ServingEndpoint } from "@atrium/contract/serving";
import { type Instance, instancesOf } from "./example.ts";
import { usePredictions } from "./serving-api.ts";

interface Fill {
  title: string;
  instances: Instance[];
}

/** What the form can be filled with: the example, and what was asked lately, of an entity that is known and of one that is not. */
export function Fills({
  project,
  endpoint,
  onFill,
}: {
  project: string;
  endpoint: ServingEndpoint;
  onFill: (instances: Instance[]) => void;
}) {
  const { rows } = usePredictions(project, endpoint.name);
  const fills = [{ title: "Example", instances: instancesOf(endpoint) }, ...askedLately(endpoint, rows)];
  if (fills.length === 1) return null;
  return (
    <p className="flex flex-wrap items-center gap-1 text-xs">
      <span className="mr-1 text-ink-3">Fill in</span>
      {fills.map(({ title, instances }) => (
        <button
          key={title}
          type="button"
          className="rounded border border-line px-2 py-0.5 text-ink-2 hover:bg-hover"
          onClick={() => onFill(instances)}
        >
          {title}
        </button>
      ))}
    </p>
  );
}

function askedLately(endpoint: ServingEndpoint, rows: readonly LoggedPrediction[]): Fill[] {
  const [example] = instancesOf(endpoint);
  const names = Object.keys(example ?? {});
  const rowOf = ({ inputs }: LoggedPrediction) =>
    Object.fromEntries(names.map((name) => [name, inputs[name]]));
  const newest = (title: string, cohort: Cohort): Fill[] => {
    const found = rows.find(
      (one) => one.cohort === cohort && names.every((name) => one.inputs[name] !== undefined),
    );
    return found === undefined ? [] : [{ title, instances: [rowOf(found)] }];
  };
  if (names.length === 0) return [];
  if (endpoint.input.kind === "direct") return newest("The last asked", "known");
  return [...newest("A known one", "known"), ...newest("A new one", "new")];
}
