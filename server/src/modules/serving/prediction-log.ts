import type { Cohort, ServedBy } from "@atrium/contract/serving";
import { AppError } from "#lib/errors";
import type { ServingDeps } from "./deps.ts";
import {
  findJournals,
  type Journal,
  type JournalName,
  openJournal,
  readJournal,
  removeJournal,
} from "./journal.ts";
import type { LiveDeployment, LiveEndpoint } from "./live.ts";
import { predictionIds } from "./prediction-id.ts";
import { createPredictionNews } from "./prediction-news.ts";
import type { PredictionRow } from "./prediction-rows.ts";
import { createSegments } from "./segments.ts";

const FLUSH_MS = 200; // What a killed process may lose of its predictions.
const ROLL_MS = 60_000;
const ROLL_BYTES = 8 * 1024 * 1024;
const WAITING_ROWS_MAX = 100_000; // In memory, while the disk is slow; more are counted and left out.
const ROW_CHARACTERS_MAX = 64 * 1024; // A longer row keeps what is known of it without its values.
const ABANDONED_MS = 10 * 60_000; // A living process rolls each minute; what is older was left by one that died.

export interface Cells {
  inputs: Record<string, unknown[]>;
  outputs: Record<string, unknown[]>;
}

/** One answered request; its values are read off when the log has time. */
export interface AnsweredRequest {
  live: LiveEndpoint;
  deployment: LiveDeployment;
  /** The stem of its prediction ids. */
  id: string;
  atMs: number;
  latencyMs: number;
  rows: number;
  marks: readonly { cohort: Cohort; servedBy: ServedBy }[] | undefined;
  /** Of each row, for what is replayed; else all are of `atMs`. */
  times: readonly number[] | undefined;
  status: number;
  cells(): Cells;
}

/** A bounded buffer, flushed to journals, which become segments. Whoever answers requests never waits for it. */
export interface PredictionLog {
  add(request: AnsweredRequest): void;
  /** Predictions that were answered and could not be kept, since the process began. */
  readonly notLogged: number;
  /** Makes segments of all that was added so far. */
  settle(): Promise<void>;
  /** Takes over what processes that died left behind. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function createPredictionLog(deps: ServingDeps): PredictionLog {
  const { journalDirectory: directory, clock, projects, log, metrics } = deps;
  const segments = createSegments(deps);
  const news = createPredictionNews(deps);
  const open = new Map<string, Journal>();
  let waiting: AnsweredRequest[] = [];
  let waitingRows = 0;
  let notLogged = 0;
  let timer: NodeJS.Timeout | undefined;
  let turn: Promise<void> = Promise.resolve();
  let rolling: NodeJS.Timeout | undefined;
  const lost = metrics.counter({
    name: "serving_predictions_not_logged_total",
    help: "Predictions that were answered and are missing in the prediction log.",
  });

  return {
    add,
    get notLogged() {
      return notLogged;
    },
    settle: () =>
      inTurn(async () => {
        await flush();
        await roll("all");
      }),
    start: async () => {
      rolling = setInterval(() => void inTurn(() => roll("due")), ROLL_MS / 4);
      rolling.unref();
      await inTurn(() => adopt(deps.writers === "one" ? "all" : "abandoned"));
    },
    stop: () => {
      clearInterval(rolling);
      news.stop();
      return inTurn(async () => {
        await flush();
        await roll("all");
      });
    },
  };

  function add(request: AnsweredRequest): void {
    if (waitingRows + request.rows > WAITING_ROWS_MAX) {
      drop(request.rows);
      return;
    }
    waiting.push(request);
    waitingRows += request.rows;
    timer ??= setTimeout(() => void inTurn(flush), FLUSH_MS).unref();
  }

  function drop(rows: number): void {
    notLogged += rows;
    lost.add(rows);
  }

  /** One thing at a time; none of it throws at whoever asked. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    turn = turn.then(work).catch((thrown: unknown) => {
      log.warn("the prediction log has to wait", { error: thrown });
    });
    return turn;
  }

  async function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const requests = waiting;
    waiting = [];
    waitingRows = 0;
    const byEndpoint = Map.groupBy(requests, ({ live }) => live.id);
    for (const [endpointId, own] of byEndpoint) {
      const [{ live } = { live: undefined }] = own;
      if (live === undefined) continue;
      const rows = own.flatMap(rowsOf);
      try {
        await append(endpointId, live.projectId, rows);
        news.tell(live);
      } catch (thrown) {
        drop(rows.length);
        log.warn("predictions could not be logged", {
          endpoint: endpointId,
          rows: rows.length,
          error: thrown,
        });
        // A frame that was cut off ends its journal: what comes next begins another.
        await close(endpointId);
      }
    }
  }

  async function append(
    endpointId: string,
    projectId: string,
    rows: readonly PredictionRow[],
  ): Promise<void> {
    const key = await projects.keys.keyOf(projectId);
    let journal = open.get(endpointId);
    if (journal === undefined) {
      journal = await openJournal(directory, { projectId, endpointId }, clock.now());
      open.set(endpointId, journal);
    }
    await journal.append(key, rows);
    if (journal.bytes >= ROLL_BYTES) await finish(journal);
  }

  async function roll(which: "due" | "all"): Promise<void> {
    const nowMs = clock.now();
    for (const journal of [...open.values()])
      if (which === "all" || nowMs - journal.openedMs >= ROLL_MS) await finish(journal);
    // What a database that was away left closed and unstored.
    await adopt(which === "all" && deps.writers === "one" ? "all" : "abandoned");
  }

  async function finish(journal: Journal): Promise<void> {
    await close(journal.endpointId);
    await store(journal);
  }

  async function close(endpointId: string): Promise<void> {
    const journal = open.get(endpointId);
    open.delete(endpointId);
    await journal
      ?.close()
      .catch((thrown: unknown) => log.warn("a journal could not be closed", { error: thrown }));
  }

  async function adopt(which: "all" | "abandoned"): Promise<void> {
    const standing = new Set([...open.values()].map(({ id }) => id));
    for (const name of await findJournals(directory)) {
      if (standing.has(name.id)) continue;
      if (which === "abandoned" && Date.now() - name.changedMs < ABANDONED_MS) continue;
      await store(name);
    }
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

function rowsOf(request: AnsweredRequest): PredictionRow[] {
  const { live, deployment, id, rows, atMs, status } = request;
  const ids = predictionIds(live.idKey, { endpointId: live.id, id, rows });
  const { inputs, outputs } = request.cells();
  return ids.map((prediction, row): PredictionRow => {
    const mark = request.marks?.[row];
    const whole: PredictionRow = {
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
    return JSON.stringify(whole).length <= ROW_CHARACTERS_MAX ? whole : { ...whole, in: {}, out: {} };
  });
}

function rowOf(columns: Record<string, unknown[]>, row: number): Record<string, unknown> {
  return Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values[row] ?? null]));
}
