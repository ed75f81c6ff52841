import { Worker } from "node:worker_threads";
import { AppError } from "./errors.ts";

/** A thread that answers each question by its `id`, is started by the first one, and ends when nobody has asked for a while. */
export interface IdleThread<Answer> {
  /** @throws AppError `given.busy` when too many wait, `unavailable` when the thread broke or is closed */
  ask(question: object): Promise<Answer>;
  close(): Promise<void>;
}

export interface IdleThreadGiven {
  program: URL;
  /** Without questions for this long its memory is given back. */
  idleMs: number;
  waitingMax: number;
  /** One that takes more ends, and not the process. */
  heapMiBMax?: number;
  busy(): AppError;
  /** What is said when it broke. */
  broken: string;
}

interface Waiter<Answer> {
  resolve: (answer: Answer) => void;
  reject: (reason: unknown) => void;
}

export function createIdleThread<Answer extends { id: number }>(given: IdleThreadGiven): IdleThread<Answer> {
  const waiting = new Map<number, Waiter<Answer>>();
  let worker: Worker | undefined;
  let idle: NodeJS.Timeout | undefined;
  let lastId = 0;

  return {
    ask: async (question) => {
      if (waiting.size >= given.waitingMax) throw given.busy();
      clearTimeout(idle);
      worker ??= start();
      const asked = worker;
      asked.ref();
      lastId += 1;
      const id = lastId;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        asked.postMessage({ ...question, id });
      });
    },
    close: async () => {
      clearTimeout(idle);
      await worker?.terminate();
      worker = undefined;
      rejectAll(new AppError("unavailable", "The server is stopping."));
    },
  };

  function start(): Worker {
    const begun = new Worker(
      given.program,
      given.heapMiBMax === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: given.heapMiBMax } },
    );
    begun.on("message", (answer: Answer) => {
      const waiter = waiting.get(answer.id);
      waiting.delete(answer.id);
      if (waiting.size === 0) rest(begun);
      waiter?.resolve(answer);
    });
    begun.on("error", (cause) => {
      if (worker === begun) worker = undefined;
      rejectAll(new AppError("unavailable", given.broken, { cause }));
    });
    return begun;
  }

  function rejectAll(reason: AppError): void {
    for (const waiter of waiting.values()) waiter.reject(reason);
    waiting.clear();
  }

  function rest(resting: Worker): void {
    resting.unref();
    idle = setTimeout(() => {
      if (worker === resting) worker = undefined;
      void resting.terminate();
    }, given.idleMs);
    idle.unref();
  }
}
