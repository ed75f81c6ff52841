import { setTimeout as sleep } from "node:timers/promises";
import { AppError, toAppError } from "#lib/errors";
import { type Child, type Launch, startChild } from "./child.ts";
import type { CopyStats, EngineLine } from "./engines.ts";
import type { Item } from "./frames.ts";
import type { Limits } from "./limits.ts";
import type { Request } from "./queue.ts";
import type { Signature } from "./tensors.ts";

/** One of an engine's processes, through all its deaths. */
export interface Copy {
  readonly state: CopyStats["state"];
  readonly inFlight: number;
  stats(): CopyStats;
  /** The first start. @throws AppError why it cannot be; then the copy has ended */
  start(): Promise<Signature>;
  /** From then on: whenever the process ends, another is started, later each time it fails again. */
  keepAlive(): void;
  /** One batch; only when `ready`. Each request is answered, whatever happens. */
  work(requests: readonly Request[]): void;
  /** Ends a process that uses more memory than it may. */
  watchMemory(): void;
  close(): Promise<void>;
}

export interface CopyOptions {
  index: number;
  limits: Limits;
  launch(): Promise<Launch>;
  /** Run before the copy counts as ready. */
  warmUp?: ((signature: Signature) => WarmUp) | undefined;
  say(line: EngineLine): void;
  /** The state changed; ready ones can be given work. */
  changed(): void;
  /** Told of every death that was not asked for. */
  died(why: string): void;
}

export interface WarmUp {
  item: Item;
  /** `ignored` where the item was made up by us. */
  failure: "fatal" | "ignored";
}

const BACK_OFF_FIRST_MS = 100;
const BACK_OFF_MAX_MS = 30_000; // A model that cannot start costs two starts a minute, and comes back soon when it can.

export function createCopy(options: CopyOptions): Copy {
  const { index, limits, changed } = options;
  let state: CopyStats["state"] = "starting";
  let child: Child | undefined;
  let restarts = 0;
  let failures = 0; // Deaths since the last answer.
  let inFlight = 0;
  const closing = new AbortController();

  const tell = (text: string) => options.say({ stream: "engine", text, copy: index });
  const become = (next: CopyStats["state"]) => {
    state = closing.signal.aborted ? "ended" : next;
    changed();
  };

  async function start(): Promise<Signature> {
    become("starting");
    const launch = await options.launch();
    closing.signal.throwIfAborted();
    const started = startChild(launch, (stream, text) => options.say({ stream, text, copy: index }));
    child = started;
    const late = `it was not ready within ${limits.startTimeoutMs / 1000} s`;
    const timer = setTimeout(() => started.kill(late), limits.startTimeoutMs);
    try {
      const signature = await started.ready;
      await warm(started, options.warmUp?.(signature));
      become("ready");
      return signature;
    } catch (thrown) {
      started.kill("it could not load its model");
      await started.ended;
      throw thrown;
    } finally {
      clearTimeout(timer);
    }
  }

  async function liveOn(): Promise<void> {
    while (!closing.signal.aborted) {
      if (child !== undefined) await gone(child);
      if (closing.signal.aborted) return;
      const pauseMs = Math.min(BACK_OFF_FIRST_MS * 2 ** failures, BACK_OFF_MAX_MS);
      failures += 1;
      become("waiting");
      await sleep(pauseMs, undefined, { signal: closing.signal });
      restarts += 1;
      child = undefined;
      await start().then(
        () => tell("The engine was started again."),
        (thrown: unknown) => tell(`The engine could not be started again: ${toAppError(thrown).message}`),
      );
    }
  }

  /** A process that ended by itself or by us; only a working one's end is news. */
  async function gone(old: Child): Promise<void> {
    const wasWorking = state === "ready" || state === "busy";
    const why = await old.ended;
    if (closing.signal.aborted || !wasWorking) return;
    options.died(why);
    tell(`The engine ended: ${why}. It is started again.`);
  }

  return {
    get state() {
      return state;
    },
    get inFlight() {
      return inFlight;
    },
    stats: () => ({ pid: child?.pid ?? null, state, rssMiB: child?.rssMiB() ?? 0, restarts }),
    start,
    keepAlive() {
      liveOn().catch((thrown: unknown) => {
        if (!closing.signal.aborted) tell(`The engine is lost: ${toAppError(thrown).message}`);
      });
    },
    work(requests) {
      const worker = child;
      if (worker === undefined || state !== "ready") throw new Error("Only a ready copy takes work.");
      become("busy");
      inFlight = requests.length;
      const slow = `a batch took longer than ${limits.deadlineMs / 1000} s`;
      const timer = setTimeout(() => worker.kill(slow), limits.deadlineMs);
      worker
        .run(requests.map(({ item }) => item))
        .then(
          (answers) => {
            failures = 0;
            for (const [at, answer] of answers.entries()) requests[at]?.settle({ answer });
            become("ready");
          },
          (thrown: unknown) => {
            for (const request of requests) request.settle({ error: toAppError(thrown) });
          },
        )
        .finally(() => {
          clearTimeout(timer);
          inFlight = 0;
        });
    },
    watchMemory() {
      const used = child?.rssMiB() ?? 0;
      if (used > limits.memoryMiB) child?.kill(`it used ${used} MiB of the ${limits.memoryMiB} MiB it may`);
    },
    async close() {
      closing.abort();
      state = "ended";
      child?.kill("it was closed");
      await child?.ended;
    },
  };
}

async function warm(child: Child, warmUp: WarmUp | undefined): Promise<void> {
  if (warmUp === undefined) return;
  const [answer] = await child.run([warmUp.item]);
  if (answer?.kind === "error" && warmUp.failure === "fatal") {
    throw new AppError("invalid", `The model fails on its own example: ${answer.message}`);
  }
}
