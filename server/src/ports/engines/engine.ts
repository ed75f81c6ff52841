import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "#lib/errors";
import { checkInputs } from "./check-inputs.ts";
import type { Launch } from "./child.ts";
import { type Copy, createCopy, type WarmUp } from "./copy.ts";
import type { Engine, EngineCall, EngineSpec, EngineState } from "./engines.ts";
import type { Answer, Item } from "./frames.ts";
import { type Limits, limitsOf } from "./limits.ts";
import { createQueue, type Queue, type Request } from "./queue.ts";
import { createTally } from "./tally.ts";
import { checkTensor, type Signature, type Tensor } from "./tensors.ts";

/** What one kind of engine adds to what all have. */
export interface Kind {
  launch(): Promise<Launch>;
  warmUp?: ((signature: Signature) => WarmUp) | undefined;
  /** Whose judgement of inputs counts: ours by the signature, or the model's own. */
  inputs: "by signature" | "by model";
  /** After the last process has ended. */
  cleanUp(): Promise<void>;
}

const MEMORY_POLL_MS = 1000; // Between a leak's looks a process may grow; the kernel is there for what grows faster.
const DRAIN_MS = 30_000; // As long as the longest request by default.
const DRAIN_POLL_MS = 5;

/** Starts all copies and answers when they are ready; `signal` breaks that off. @throws AppError; then nothing remains */
export async function openEngine(spec: EngineSpec, kind: Kind, signal: AbortSignal): Promise<Engine> {
  const limits = limitsOf(spec);
  const tally = createTally();
  const listeners = new Set<(state: EngineState) => void>();
  let state: EngineState = "restarting";
  let ending: "draining" | "closed" | undefined;

  const queue = createQueue({ ...limits, arrived: () => pump.wake() });
  const copies = Array.from({ length: limits.copies }, (_, index) =>
    createCopy({
      ...{ index, limits, launch: kind.launch, warmUp: kind.warmUp },
      say: (line) => spec.log?.(line),
      died: (why) => tally.death(why),
      changed: () => noteState(),
    }),
  );
  const pump = createPump({ queue, copies, limits, started: tally.batch });
  const watch = setInterval(() => {
    for (const copy of copies) copy.watchMemory();
  }, MEMORY_POLL_MS).unref();

  function noteState(): void {
    const works = copies.some((copy) => copy.state === "ready" || copy.state === "busy");
    const next = ending ?? (works ? "ready" : "restarting");
    if (next !== state) {
      state = next;
      for (const listener of listeners) listener(state);
    }
    pump.wake();
  }

  async function close(): Promise<void> {
    ending = "closed";
    noteState();
    clearInterval(watch);
    queue.refuseAll(closed());
    await Promise.all(copies.map((copy) => copy.close()));
    await kind.cleanUp();
  }

  async function ask(item: Item, rows: number, call: EngineCall = {}): Promise<Answer> {
    if (ending !== undefined) throw closed();
    try {
      const answered = await queue.ask({ item, rows }, call);
      const { answer } = answered;
      if (answer.kind === "error") throw new AppError(answer.code, answer.message);
      tally.answer(answered);
      return answer;
    } catch (thrown) {
      tally.failure(thrown);
      throw thrown;
    }
  }

  signal.addEventListener("abort", close, { once: true });
  const signature = await startAll(copies).catch(async (thrown: unknown) => {
    await close();
    throw thrown;
  });
  signal.removeEventListener("abort", close);

  return {
    signature,
    get state() {
      return state;
    },
    async infer(inputs, call) {
      if (kind.inputs === "by signature") checkInputs(inputs, signature);
      else for (const tensor of inputs) checkTensor(tensor);
      const answer = await ask({ kind: "tensors", tensors: inputs }, rowsOf(inputs), call);
      if (answer.kind !== "tensors") throw new Error("Tensors are answered by tensors.");
      return answer.tensors;
    },
    async predict({ contentType, bytes, rows = 1 }, call) {
      if (kind.inputs === "by signature")
        throw new AppError("invalid", `${spec.name} runs in an engine that takes tensors only.`);
      const answer = await ask({ kind: contentType === "text/csv" ? "csv" : "json", bytes }, rows, call);
      if (answer.kind !== "body") throw new Error("A body is answered by a body.");
      return { bytes: answer.bytes };
    },
    stats: () => ({
      state,
      queued: queue.length,
      inFlight: inFlightOf(copies),
      ...tally.read(),
      copies: copies.map((copy) => copy.stats()),
      restarts: copies.reduce((sum, copy) => sum + copy.stats().restarts, 0),
    }),
    onState(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    async drain(withinMs = DRAIN_MS) {
      ending ??= "draining";
      noteState();
      const deadline = performance.now() + withinMs;
      while (queue.length + inFlightOf(copies) > 0 && performance.now() < deadline)
        await sleep(DRAIN_POLL_MS);
      await close();
    },
    close,
  };
}

async function startAll(copies: readonly Copy[]): Promise<Signature> {
  const [signature] = await Promise.all(copies.map((copy) => copy.start()));
  for (const copy of copies) copy.keepAlive();
  if (signature === undefined) throw new AppError("invalid", "An engine has at least one copy.");
  return signature;
}

interface Pump {
  /** Looks soon whether work and a free copy meet: once for all that arrives in one turn of the event loop. */
  wake(): void;
}

interface PumpParts {
  queue: Queue;
  copies: readonly Copy[];
  limits: Limits;
  started(requests: readonly Request[]): void;
}

/** Gives what waits to whoever is free: at once, or when the first has waited for company long enough. */
function createPump({ queue, copies, limits, started }: PumpParts): Pump {
  let woken = false;
  let waits = false;

  function look(): void {
    woken = false;
    for (const copy of copies) {
      if (queue.length === 0) return;
      if (copy.state !== "ready") continue;
      const waitMs = queue.rows < limits.rowsMax ? leftToWait() : 0;
      if (waitMs > 0) {
        if (!waits) setTimeout(lookAgain, waitMs);
        waits = true;
        return;
      }
      const requests = queue.take(limits.rowsMax);
      started(requests);
      copy.work(requests);
    }
  }

  function lookAgain(): void {
    waits = false;
    look();
  }

  function leftToWait(): number {
    return (queue.oldestMs ?? 0) + limits.waitMs - performance.now();
  }

  return {
    wake() {
      if (woken) return;
      woken = true;
      setImmediate(look);
    },
  };
}

function inFlightOf(copies: readonly Copy[]): number {
  return copies.reduce((sum, copy) => sum + copy.inFlight, 0);
}

function rowsOf(inputs: readonly Tensor[]): number {
  return inputs[0]?.shape[0] ?? 1;
}

function closed(): AppError {
  return new AppError("unavailable", "This engine is closed or about to be.", {
    reason: "closed",
    retryAfterSeconds: 1,
  });
}
