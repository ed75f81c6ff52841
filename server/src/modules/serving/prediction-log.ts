import type { Cohort, ServedBy } from "@atrium/contract/serving";
import { AppError, toAppError } from "#lib/errors";
import { explainDisk } from "#lib/files";
import type { ServingDeps } from "./deps.ts";
import type { EndpointLog } from "./endpoint-log.ts";
import type { EndpointNumbers } from "./endpoint-numbers.ts";
import {
  findJournals,
  type Journal,
  type JournalName,
  openJournal,
  readJournal,
  removeJournal,
  requireRoom,
} from "./journal.ts";
import type { LiveDeployment, LiveEndpoint } from "./live.ts";
import { addMinutes, minutesOf } from "./minutes.ts";
import { createPredictionNews } from "./prediction-news.ts";
import type { PredictionRow } from "./prediction-rows.ts";
import { createSegments } from "./segments.ts";
import type { MinuteRow } from "./tables.ts";

const FLUSH_MS = 200; // What a killed process may lose of its predictions.
const ROLL_MS = 60_000;
const ROLL_BYTES = 8 * 1024 * 1024;
const WAITING_ROWS_MAX = 100_000; // In memory, while the disk is slow; more are counted and left out.
const ABANDONED_MS = 60_000; // A living process touches its journals four times in that time; the others were left by a dead one.

export interface Cells {
  inputs: Record<string, unknown[]>;
  outputs: Record<string, unknown[]>;
}

/** One answered request; its values are read off when the log has time. */
export interface AnsweredRequest {
  live: LiveEndpoint;
  deployment: LiveDeployment;
  /** Of its predictions, one a row. */
  ids: readonly string[];
  atMs: number;
  latencyMs: number;
  rows: number;
  marks: readonly { cohort: Cohort; servedBy: ServedBy }[] | undefined;
  /** Of each row, for what is replayed; else all are of `atMs`. */
  times: readonly number[] | undefined;
  status: number;
  cells(): Cells;
}

/**
 * A bounded buffer, flushed to journals, which become segments; `segments.ts` says how they lie on the disk. Whoever answers
 * requests never waits for it. A prediction is kept from the moment its frame is in the journal: at most `FLUSH_MS` after its
 * answer. What cannot be kept is counted, and said in the endpoint's own log and metrics.
 */
export interface PredictionLog {
  add(request: AnsweredRequest): void;
  /** Predictions of an endpoint that were answered and could not be kept, since the process began. */
  notLogged(endpointId: string): number;
  /** Makes segments of all that an endpoint was asked so far, or all are. Answers why some of it has to wait, if it has. */
  settle(endpointId?: string): Promise<AppError | undefined>;
  /** Calls `read` while nothing becomes a segment, with the minutes of what is not one yet. */
  withOpenMinutes<T>(endpointId: string, read: (open: readonly MinuteRow[]) => Promise<T>): Promise<T>;
  /** The same of every endpoint. */
  withAllOpenMinutes<T>(read: (open: readonly MinuteRow[]) => Promise<T>): Promise<T>;
  /** Takes over what processes that died left behind. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

interface Parts {
  endpointLog: Pick<EndpointLog, "lost">;
  numbers: Pick<EndpointNumbers, "lost">;
}

interface Open {
  journal: Journal;
  minutes: MinuteRow[];
}

export function createPredictionLog(deps: ServingDeps, { endpointLog, numbers }: Parts): PredictionLog {
  const { journalDirectory: directory, clock, projects, log, metrics } = deps;
  const segments = createSegments(deps);
  const news = createPredictionNews(deps);
  const open = new Map<string, Open>();
  const losses = new Map<string, number>();
  let waiting: AnsweredRequest[] = [];
  let waitingRows = 0;
  let timer: NodeJS.Timeout | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  let rolling: NodeJS.Timeout | undefined;
  const lost = metrics.counter({
    name: "serving_predictions_not_logged_total",
    help: "Predictions that were answered and are missing in the prediction log.",
  });
  const adopted = deps.writers === "one" ? "all" : "abandoned";

  return {
    add,
    notLogged: (endpointId) => losses.get(endpointId) ?? 0,
    settle: async (endpointId) => {
      const problem = await quietly(async () => {
        await flush();
        for (const standing of [...open.values()])
          if (endpointId === undefined || standing.journal.endpointId === endpointId) await finish(standing);
        await adopt(adopted, endpointId);
      });
      return problem === undefined ? undefined : hasToWait(problem);
    },
    withOpenMinutes: (endpointId, read) =>
      inTurn(async () => {
        await flush();
        return read(open.get(endpointId)?.minutes ?? []);
      }),
    withAllOpenMinutes: (read) =>
      inTurn(async () => {
        await flush();
        return read([...open.values()].flatMap(({ minutes }) => minutes));
      }),
    start: async () => {
      rolling = setInterval(() => void quietly(rollDue), ROLL_MS / 4);
      rolling.unref();
      await quietly(() => adopt(adopted));
    },
    stop: async () => {
      clearInterval(rolling);
      news.stop();
      await quietly(async () => {
        await flush();
        for (const standing of [...open.values()]) await finish(standing);
        await adopt(adopted);
      });
    },
  };

  function add(request: AnsweredRequest): void {
    if (waitingRows + request.rows > WAITING_ROWS_MAX) {
      drop([request], "the disk is slower than the predictions come");
      return;
    }
    waiting.push(request);
    waitingRows += request.rows;
    timer ??= setTimeout(() => void quietly(flush), FLUSH_MS).unref();
  }

  /** All of one endpoint. */
  function drop(requests: readonly AnsweredRequest[], why: string): void {
    const [first] = requests;
    if (first === undefined) return;
    const { live } = first;
    const rows = requests.reduce((sum, one) => sum + one.rows, 0);
    losses.set(live.id, (losses.get(live.id) ?? 0) + rows);
    lost.add(rows);
    numbers.lost(live, rows);
    endpointLog.lost(live, rows, why);
  }

  /** One thing at a time. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = turn.then(work);
    turn = mine.catch(() => {}); // Told to whoever asked for it; the next one's turn comes all the same.
    return mine;
  }

  /** None of it throws; the answer is what went wrong. */
  async function quietly(work: () => Promise<void>): Promise<unknown> {
    try {
      await inTurn(work);
      return undefined;
    } catch (thrown) {
      log.warn("the prediction log has to wait", { error: thrown });
      return thrown;
    }
  }

  async function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const requests = waiting;
    waiting = [];
    waitingRows = 0;
    for (const own of Map.groupBy(requests, ({ live }) => live.id).values()) {
      try {
        await append(own);
        if (own[0] !== undefined) news.tell(own[0].live);
      } catch (thrown) {
        const { message } = toAppError(explainDisk(thrown));
        drop(own, message);
        log.warn("predictions could not be logged", { endpoint: own[0]?.live.id, error: thrown });
        // A frame that was cut off ends its journal: what comes next begins another.
        await close(own[0]?.live.id ?? "");
      }
    }
  }

  async function append(requests: readonly AnsweredRequest[]): Promise<void> {
    const [first] = requests;
    if (first === undefined) return;
    const { id: endpointId, projectId } = first.live;
    const rows = requests.flatMap(rowsOf);
    const key = await projects.keys.keyOf(projectId);
    await requireRoom(directory);
    let standing = open.get(endpointId);
    if (standing === undefined) {
      const journal = await openJournal(directory, { projectId, endpointId }, clock.now());
      standing = { journal, minutes: [] };
      open.set(endpointId, standing);
    }
    await standing.journal.append(key, rows);
    standing.minutes = addMinutes(standing.minutes, minutesOf(endpointId, rows));
    if (standing.journal.bytes >= ROLL_BYTES) {
      // What was appended is kept already: a segment that has to wait loses none of it.
      await finish(standing).catch((error: unknown) => log.warn("a segment has to wait", { error }));
    }
  }

  async function rollDue(): Promise<void> {
    const nowMs = clock.now();
    for (const { journal } of open.values()) await journal.touch();
    for (const standing of [...open.values()])
      if (nowMs - standing.journal.openedMs >= ROLL_MS) await finish(standing);
    // What a database that was away, or a disk that was full, left closed and unstored.
    await adopt(adopted);
  }

  async function finish({ journal }: Open): Promise<void> {
    await close(journal.endpointId);
    await store(journal);
  }

  async function close(endpointId: string): Promise<void> {
    const standing = open.get(endpointId);
    open.delete(endpointId);
    await standing?.journal
      .close()
      .catch((thrown: unknown) => log.warn("a journal could not be closed", { error: thrown }));
  }

  /** Every journal is tried; one that cannot be stored holds up no other. @throws what the first of them had against it */
  async function adopt(which: "all" | "abandoned", endpointId?: string): Promise<void> {
    const standing = new Set([...open.values()].map(({ journal }) => journal.id));
    const problems: unknown[] = [];
    for (const name of await findJournals(directory)) {
      if (standing.has(name.id)) continue;
      if (endpointId !== undefined && name.endpointId !== endpointId) continue;
      if (which === "abandoned" && Date.now() - name.changedMs < ABANDONED_MS) continue;
      await store(name).catch((thrown: unknown) => problems.push(thrown));
    }
    if (problems.length > 0) throw problems[0];
  }

  /** The journal goes once its segment stands; before that it may be stored again and will be the same segment. */
  async function store(name: JournalName): Promise<void> {
    const key = await projects.keys.keyOf(name.projectId).catch((thrown: unknown) => {
      if (thrown instanceof AppError && thrown.code === "not_found") return undefined;
      throw thrown;
    });
    if (key !== undefined) {
      const rows = await readJournal(directory, name, key);
      if (rows.length > 0) await segments.store(name, rows);
    }
    await removeJournal(directory, name);
  }
}

function hasToWait(thrown: unknown): AppError {
  const { message, retryAfterSeconds = 10 } = toAppError(thrown);
  return new AppError("unavailable", `The newest predictions cannot be read yet: ${message}`, {
    retryAfterSeconds,
    cause: thrown,
  });
}

function rowsOf(request: AnsweredRequest): PredictionRow[] {
  const { deployment, ids, atMs, status } = request;
  const { inputs, outputs } = request.cells();
  return ids.map((prediction, row): PredictionRow => {
    const mark = request.marks?.[row];
    return {
      id: prediction,
      at: request.times?.[row] ?? atMs,
      dep: deployment.id,
      num: deployment.number,
      model: deployment.model.name,
      ver: deployment.model.version,
      cohort: mark?.cohort ?? "known",
      by: mark?.servedBy ?? "model",
      ms: Math.round(request.latencyMs * 1000) / 1000,
      status,
      in: rowOf(inputs, row),
      out: rowOf(outputs, row),
    };
  });
}

function rowOf(columns: Record<string, unknown[]>, row: number): Record<string, unknown> {
  const cells: Record<string, unknown> = Object.create(null); // A column may be called anything, `__proto__` too.
  for (const name of Object.keys(columns)) cells[name] = columns[name]?.[row] ?? null;
  return cells;
}
