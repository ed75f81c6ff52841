import { createHash } from "node:crypto";
import { assert } from "#lib/errors";
import { newId } from "#lib/ids";
import type { Tx } from "#ports/database";
import type { PipelinesDeps } from "./deps.ts";
import { advance } from "./engine/advance.ts";
import {
  type Command,
  hasEnded,
  type Node,
  newRunState,
  type RunEvent,
  type RunState,
} from "./engine/state.ts";
import type { Plan } from "./plan.ts";
import { specOf } from "./queries.ts";
import * as queries from "./run-queries.ts";
import type { EventRow, RunRow, StepRow } from "./tables.ts";

const PLANS_MAX = 50; // Each some hundred KiB; whoever runs more pipelines at once reads them again.
const STATES_MAX = 100; // Each up to some MiB; one that fell out is read from its rows.

type Unstamped<T> = T extends unknown ? Omit<T, "atMs"> : never;
/** What happened; the log adds the time. */
export type News = Unstamped<RunEvent>;

/** A run and what its events made of it. */
export interface OpenRun {
  row: RunRow;
  state: RunState;
}

/** Runs as their events make them: the only place where a run changes. */
export interface RunLog {
  /** A spec as a plan; read once. @throws AppError `invalid` */
  plan(text: string): Promise<Plan>;
  digest(text: string): string;
  /** The run as it stands; undefined when there is none. */
  open(tx: Tx, runId: string): Promise<OpenRun | undefined>;
  /**
   * Writes an event with all that follows from it: steps, commands, news. Undefined when there is no such run; `changed`
   * is false when the event was late or came twice, and then nothing is written.
   */
  record(tx: Tx, runId: string, news: News): Promise<(OpenRun & { changed: boolean }) | undefined>;
  /** Called after a commit that left commands to carry out. */
  onCommands(wake: () => void): void;
}

export function createRunLog({
  clock,
  events,
  readPlan,
  artifactUri,
}: Pick<PipelinesDeps, "clock" | "events" | "readPlan" | "artifactUri">): RunLog {
  const plans = new Map<string, Promise<Plan>>();
  const states = new Map<string, { sequence: number; state: RunState }>();
  let wake: () => void = () => {};

  return {
    plan,
    digest,
    open,
    record,
    onCommands: (listener) => {
      wake = listener;
    },
  };

  function plan(text: string): Promise<Plan> {
    const key = digest(text);
    const made = plans.get(key) ?? readPlan(text);
    remember(plans, { key, value: made, most: PLANS_MAX });
    made.catch(() => plans.delete(key)); // What could not be read is said to whoever asks again.
    return made;
  }

  async function open(tx: Tx, runId: string): Promise<OpenRun | undefined> {
    const row = await queries.runById(tx, runId);
    return row === undefined ? undefined : { row, state: await stateOf(tx, row) };
  }

  async function record(tx: Tx, runId: string, news: News): ReturnType<RunLog["record"]> {
    const row = await queries.runToChange(tx, runId);
    if (row === undefined) return undefined;
    const before = await stateOf(tx, row);
    const event = { ...news, atMs: clock.now() } as RunEvent;
    const { state, commands } = advance(before, event);
    if (state === before) return { row, state, changed: false };
    const sequence = row.sequence + 1;
    await queries.addEvent(tx, eventRow(row.id, sequence, event));
    await saveNodes(tx, row.id, { before, after: state });
    await queries.addCommands(
      tx,
      commands.map((command) => commandRow(row.id, command, event.atMs)),
    );
    const changed = { ...row, sequence, ...outcome(row, state, event) };
    const { phase, reason, retries, ended_ms } = changed;
    await queries.changeRun(tx, row.id, { sequence, phase, reason, retries, ended_ms });
    await tell(tx, changed, { event, wasOpen: !hasEnded(before.phase) });
    tx.afterCommit(() => {
      remember(states, { key: row.id, value: { sequence, state }, most: STATES_MAX });
      if (commands.length > 0) wake();
    });
    return { row: changed, state, changed: true };
  }

  /** From memory when nobody has written since, else from the rows. */
  async function stateOf(tx: Tx, row: RunRow): Promise<RunState> {
    const known = states.get(row.id);
    if (known?.sequence === row.sequence) return known.state;
    const spec = await specOf(tx, row.project_id, row.digest);
    assert(spec !== undefined, `the spec of run ${row.id} is kept as long as the run`);
    const { id, name, created_ms: createdMs, cache } = row;
    const fresh = newRunState(await plan(spec), {
      id,
      name,
      createdMs,
      cache,
      artifactRoot: artifactUri(""),
    });
    const nodes = (await queries.stepsOf(tx, id)).map(
      (step) => [step.path, JSON.parse(step.body) as Node] as const,
    );
    return { ...fresh, phase: row.phase, nodes: new Map(nodes) };
  }

  async function tell(tx: Tx, row: RunRow, of: { event: RunEvent; wasOpen: boolean }): Promise<void> {
    const about = { projectId: row.project_id, key: row.id };
    const { event } = of;
    if ("path" in event) {
      const body = { runId: row.id, path: event.path, state: event.kind };
      await events.announce(tx, { kind: "pipeline-step.changed", ...about, body });
    } else {
      const body = { runId: row.id, state: row.phase };
      const kinds = { started: "started", cancel: "cancelling", retry: "retried" } as const;
      await events.announce(tx, { kind: `pipeline-run.${kinds[event.kind]}`, ...about, body });
    }
    if (of.wasOpen && hasEnded(row.phase)) {
      const body = { runId: row.id, state: row.phase, pipelineId: row.pipeline_id };
      await events.announce(tx, { kind: "pipeline-run.finished", ...about, body });
    }
  }
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

const REASON_MAX = 2000; // A sentence or two for people; the graph has the rest.

function outcome(
  row: RunRow,
  state: RunState,
  event: RunEvent,
): Pick<RunRow, "phase" | "reason" | "retries" | "ended_ms"> {
  const { phase } = state;
  const root = state.nodes.get("");
  const cancelled = event.kind === "cancel" ? `${event.by} cancelled the run.` : row.reason;
  const failed = phase === "failed" ? (root?.reason ?? "") : "";
  return {
    phase,
    reason: (event.kind === "retry" ? "" : phase === "failed" ? failed : cancelled).slice(0, REASON_MAX),
    retries: row.retries + (event.kind === "retry" ? 1 : 0),
    ended_ms: hasEnded(phase) ? event.atMs : 0,
  };
}

async function saveNodes(
  tx: Tx,
  runId: string,
  { before, after }: { before: RunState; after: RunState },
): Promise<void> {
  const rows: StepRow[] = [];
  let position = 0;
  for (const node of after.nodes.values()) {
    if (before.nodes.get(node.path) !== node) rows.push(stepRow(runId, node, position));
    position += 1;
  }
  const gone = [...before.nodes.keys()].filter((path) => !after.nodes.has(path));
  await queries.removeSteps(tx, runId, gone);
  await queries.saveSteps(tx, rows);
}

function stepRow(runId: string, node: Node, position: number): StepRow {
  const { path, kind, state, attempt } = node;
  return { run_id: runId, path, position, kind, state, attempt, body: JSON.stringify(node) };
}

function eventRow(runId: string, sequence: number, event: RunEvent): EventRow {
  const { kind, atMs, ...rest } = event;
  const { path = "", attempt = 0 } = "path" in rest ? rest : {};
  return { run_id: runId, sequence, at_ms: atMs, kind, path, attempt, body: JSON.stringify(rest) };
}

function commandRow(runId: string, command: Command, nowMs: number) {
  const { kind, path, attempt } = command;
  const due = command.kind === "wait" ? command.untilMs : nowMs;
  const job = command.kind === "cancel" ? command.jobId : "";
  return { id: newId(), run_id: runId, kind, path, attempt, job_id: job, due_ms: due, tries: 0 };
}

/** The `most` that were remembered last. */
function remember<T>(
  kept: Map<string, T>,
  { key, value, most }: { key: string; value: T; most: number },
): void {
  kept.delete(key);
  kept.set(key, value);
  const [oldest] = kept.keys();
  if (kept.size > most && oldest !== undefined) kept.delete(oldest);
}
