import type { Cell, ColdStartStep, EndpointInput } from "@atrium/contract/serving";
import { toAppError } from "#lib/errors";
import { seal } from "#lib/seal";
import { SYSTEM } from "#modules/identity";
import { type ColdTable, packTable, segmentKey } from "./cold-tables.ts";
import type { ServingDeps } from "./deps.ts";
import * as queries from "./queries.ts";
import { coldContext } from "./supervisor.ts";
import type { ColdTableRow, EndpointRow } from "./tables.ts";

const GROUPS_MAX = 200_000; // Held in memory by everything that serves: about 20 MiB.
const ERROR_CHARACTERS_MAX = 1000;
const FUNCTIONS = { mean: "avg", median: "median", min: "min", max: "max" } as const;

type Looked = Extract<ColdStartStep, { kind: "segment" | "popularity" }>;

/** Makes the tables of every chain that are missing, or whose dataset has a newer version. */
export async function refreshColdTables(deps: ServingDeps, signal: AbortSignal): Promise<void> {
  for (const endpoint of await queries.allEndpoints(deps.db.longReader)) {
    if (signal.aborted) return;
    const chain = chainOf(endpoint);
    const standing = chain.length === 0 ? [] : await queries.coldTablesOf(deps.db.reader, endpoint.id);
    for (const [step, rule] of chain.entries()) {
      if (rule.kind !== "segment" && rule.kind !== "popularity") continue;
      await refresh(deps, { endpoint, step, rule, before: standing.find((row) => row.step === step) });
    }
  }
}

function chainOf(endpoint: EndpointRow): readonly ColdStartStep[] {
  const input = JSON.parse(endpoint.input) as EndpointInput;
  return input.kind === "entities" ? (input.coldStart?.chain ?? []) : [];
}

interface Refresh {
  endpoint: EndpointRow;
  step: number;
  rule: Looked;
  before: ColdTableRow | undefined;
}

async function refresh(deps: ServingDeps, { endpoint, step, rule, before }: Refresh): Promise<void> {
  const question = JSON.stringify(rule);
  const projectId = endpoint.project_id;
  const kept = before?.question === question ? before : undefined;
  let row: ColdTableRow;
  try {
    const at = { projectId, name: rule.dataset, version: rule.version };
    const dataset = await deps.datasets.table(SYSTEM, at);
    if (kept !== undefined && kept.version === dataset.version && kept.error === "") return;
    const answer = await deps.offline.query(
      { tables: { data: dataset.table }, sql: sqlOf(rule) },
      { rowsMax: GROUPS_MAX },
    );
    const table = tableOf(rule, answer.rows as Cell[][]);
    const key = await deps.projects.keys.keyOf(projectId);
    row = {
      endpoint_id: endpoint.id,
      step,
      question,
      version: dataset.version,
      row_count: table.kind === "segment" ? table.groups.size : table.items.length,
      sealed: seal(key, packTable(table), coldContext(endpoint.id, step)),
      refreshed_ms: deps.clock.now(),
      error: "",
    };
  } catch (thrown) {
    // What was there goes on answering; people see why it is not newer.
    const error = toAppError(thrown).message.slice(0, ERROR_CHARACTERS_MAX);
    if (kept?.error === error) return;
    const empty = { version: null, row_count: 0, sealed: null, refreshed_ms: null };
    row = { ...empty, ...kept, endpoint_id: endpoint.id, step, question, error };
  }
  await deps.db.transaction(async (tx) => {
    // The chain may have changed meanwhile: then this table answers no question of it.
    const standing = await queries.endpointToChange(tx, endpoint.id);
    if (standing === undefined || JSON.stringify(chainOf(standing)[step]) !== question) return;
    await queries.saveColdTable(tx, row);
    const body = { endpointId: endpoint.id, name: endpoint.name, step };
    await deps.events.announce(tx, { kind: "endpoint.refreshed", projectId, key: endpoint.id, body });
  });
}

function sqlOf(rule: Looked): string {
  const column = quoted(rule.column);
  if (rule.kind === "segment") {
    const by = rule.by.map((name) => `CAST(${quoted(name)} AS VARCHAR)`).join(", ");
    const value = `CAST(${FUNCTIONS[rule.statistic]}(${column}) AS DOUBLE)`;
    // The last row, with nothing to group by, is about all rows.
    return `SELECT ${by}, ${value}, count(${column}), grouping(${by}) > 0 FROM data WHERE ${column} IS NOT NULL GROUP BY GROUPING SETS ((${by}), ())`;
  }
  const { decay } = rule;
  const weight =
    decay === undefined
      ? "count(*)"
      : `sum(power(0.5, date_diff('second', CAST(${quoted(decay.column)} AS TIMESTAMP), (SELECT max(CAST(${quoted(decay.column)} AS TIMESTAMP)) FROM data)) / 86400.0 / ${decay.halfLifeDays}))`;
  return `SELECT ${column} FROM data WHERE ${column} IS NOT NULL GROUP BY ${column} ORDER BY ${weight} DESC, ${column} LIMIT ${rule.limit}`;
}

function tableOf(rule: Looked, rows: readonly Cell[][]): ColdTable {
  if (rule.kind === "popularity") return { kind: "popularity", items: rows.map((row) => row[0] ?? null) };
  const width = rule.by.length;
  const groups = new Map<string, { value: number; count: number }>();
  let overall: number | null = null;
  for (const row of rows) {
    const value = Number(row[width]);
    if (row[width] === null || !Number.isFinite(value)) continue;
    if (row[width + 2] === true) overall = value;
    else groups.set(segmentKey(row.slice(0, width)), { value, count: Number(row[width + 1]) });
  }
  return { kind: "segment", groups, overall };
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
