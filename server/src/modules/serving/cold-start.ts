import type { Cell, Cohort, ColdStart, EndpointInput, ServedBy } from "@atrium/contract/serving";
import { type ColdTables, segmentKey } from "./cold-tables.ts";
import type { FeatureColumn, FeatureServiceShape } from "./deps.ts";

type Entities = Extract<EndpointInput, { kind: "entities" }>;

/** One request's row with its features joined. */
export type Joined =
  | {
      ask: "model";
      row: Record<string, unknown>;
      servedBy: "model" | "defaults";
      cohort: Cohort;
      share: number;
    }
  | {
      ask: "nobody";
      answer: unknown;
      servedBy: ServedBy;
      cohort: Cohort;
      share: number;
      row: Record<string, unknown>;
    };

/**
 * Decides who answers for one row. A missing or stale feature takes its declared default; where an entity is new, the chain
 * says whether the model may be asked with defaults, or what answers in its place.
 */
export function joinRow(
  of: { input: Entities; service: FeatureServiceShape; tables: ColdTables },
  given: Readonly<Record<string, unknown>>,
  features: { columns: readonly FeatureColumn[]; row: number },
): Joined {
  const { input, service } = of;
  const chain = input.coldStart;
  const state = look(service, features);
  const cohort = isNew(chain, service, state) ? "new" : "known";
  const own = fill(given, state, {});
  const share = state.length === 0 ? 0 : state.filter((one) => one.gone).length / state.length;
  if (cohort === "known" || chain === undefined)
    return { ask: "model", row: own.row, servedBy: "model", cohort, share };
  for (const [place, step] of chain.chain.entries()) {
    if (step.kind === "defaults") {
      const filled = fill(given, state, step.values);
      if (filled.complete && share <= step.shareMax)
        return { ask: "model", row: filled.row, servedBy: "defaults", cohort, share };
      continue;
    }
    const answer = answerOf(step, { table: of.tables.get(place), given });
    if (answer !== undefined)
      return { ask: "nobody", answer, servedBy: step.kind, cohort, share, row: own.row };
  }
  return { ask: "nobody", answer: null, servedBy: "none", cohort, share, row: own.row };
}

interface Looked {
  name: string;
  view: string;
  value: unknown;
  default: unknown;
  /** Missing or stale: there is nothing to go by. */
  gone: boolean;
}

function look(
  service: FeatureServiceShape,
  { columns, row }: { columns: readonly FeatureColumn[]; row: number },
): Looked[] {
  return columns.map((column, i) => {
    const declared = service.features[i];
    const status = column.statuses[row];
    return {
      name: declared?.name ?? column.name,
      view: column.view,
      value: column.values[row] ?? null,
      default: declared?.default,
      gone: status === "missing" || status === "stale",
    };
  });
}

function isNew(
  chain: ColdStart | undefined,
  service: FeatureServiceShape,
  state: readonly Looked[],
): boolean {
  const views = chain?.knownBy ?? [...new Set(service.features.map((feature) => feature.view))];
  return views.some((view) => {
    const own = state.filter((one) => one.view === view);
    return own.length > 0 && own.every((one) => one.gone);
  });
}

/** The row for the model; `complete` when every missing feature had a default. */
function fill(
  given: Readonly<Record<string, unknown>>,
  state: readonly Looked[],
  values: Readonly<Record<string, Cell>>,
): { row: Record<string, unknown>; complete: boolean } {
  const row: Record<string, unknown> = { ...given };
  let complete = true;
  for (const one of state) {
    const plain = plainName(one.name);
    if (!one.gone) {
      row[plain] = one.value;
      continue;
    }
    const value = values[one.name] ?? values[plain] ?? one.default;
    if (value === undefined) complete = false;
    row[plain] = value ?? null;
  }
  return { row, complete };
}

/** A feature's name without its view: what models call their columns. */
export function plainName(name: string): string {
  return name.slice(name.lastIndexOf(":") + 1);
}

type Step = ColdStart["chain"][number];

function answerOf(
  step: Exclude<Step, { kind: "defaults" }>,
  { table, given }: { table: ReturnType<ColdTables["get"]>; given: Readonly<Record<string, unknown>> },
): unknown {
  if (step.kind === "constant") return step.value;
  if (step.kind === "popularity") {
    if (table?.kind !== "popularity" || table.items.length === 0) return undefined;
    return step.limit === 1 ? table.items[0] : table.items;
  }
  if (table?.kind !== "segment") return undefined;
  const found = table.groups.get(segmentKey(step.by.map((column) => given[column])));
  if (found === undefined || found.count < step.countMin) return undefined;
  if (step.statistic !== "mean" || step.priorCount === 0 || table.overall === null) return found.value;
  return (found.count * found.value + step.priorCount * table.overall) / (found.count + step.priorCount);
}
