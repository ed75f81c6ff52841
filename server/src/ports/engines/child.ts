import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import { AppError } from "#lib/errors";
import type { ModelFile } from "./engines.ts";
import {
  type Answer,
  batchFrame,
  FRAME,
  type Frame,
  frameOf,
  type Item,
  jsonFrame,
  readAnswers,
  readFrames,
} from "./frames.ts";
import { splitLines } from "./lines.ts";
import type { Signature } from "./tensors.ts";

/** How a kind of engine is started, and what it is told first. */
export interface Launch {
  program: string;
  args: readonly string[];
  folder: string;
  /** All of its environment. */
  variables: Readonly<Record<string, string>>;
  /** Sent as JSON before the files. */
  start: unknown;
  /** Sent over the socket, one after another. */
  files: readonly ModelFile[];
}

/** One process with one model. It is started once; whoever wants another starts another. */
export interface Child {
  readonly pid: number;
  /** Once: the signature, when the model is loaded. Rejects when it cannot be, or the process ends first. */
  readonly ready: Promise<Signature>;
  /** Resolves when the process is gone, with what it ended of. */
  readonly ended: Promise<string>;
  /** Answers in the order of the items. @throws AppError `unavailable`, `reason: "engine_died"` */
  run(items: readonly Item[]): Promise<Answer[]>;
  /** Ends the process and all that it started; `why` is what `ended` tells. */
  kill(why: string): void;
  rssMiB(): number;
}

interface Work {
  count: number;
  resolve(answers: Answer[]): void;
  reject(reason: AppError): void;
}

interface Refusal {
  code: "invalid" | "exhausted";
  message: string;
}

const SERVER_END = 3; // Its file descriptor in the child: the first after the standard ones.
const PAGE_BYTES = 4096; // Of Linux on every machine that our packages are built for.

type Say = (stream: "stdout" | "stderr", text: string) => void;

export function startChild(launch: Launch, say: Say): Child {
  const spawned = spawn(launch.program, [...launch.args], {
    cwd: launch.folder,
    env: { ...launch.variables },
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    detached: true, // A group of its own, so that what a model starts ends with it.
  });
  const socket = spawned.stdio[SERVER_END] as Socket;
  const working = new Map<number, Work>();
  const ready = Promise.withResolvers<Signature>();
  ready.promise.catch(() => {}); // Whoever waits for it hears of it; nobody may.
  let lastId = 0;
  let why: string | undefined;

  const kill = (reason: string) => {
    if (spawned.pid === undefined) return; // It never was; the system's words for that come by themselves.
    why ??= reason;
    killGroup(spawned);
  };
  const ended = endOf(spawned).then((words) => {
    const told = why ?? words;
    killGroup(spawned);
    socket.destroy();
    ready.reject(new AppError("unavailable", `The engine ended while it loaded the model: ${told}.`));
    for (const work of working.values()) work.reject(died(told));
    working.clear();
    return told;
  });

  function take({ kind, body }: Frame): void {
    if (kind === FRAME.ready) ready.resolve(JSON.parse(body.toString("utf8")) as Signature);
    else if (kind === FRAME.refused) {
      const { code, message } = JSON.parse(body.toString("utf8")) as Refusal;
      ready.reject(new AppError(code, message));
    } else if (kind === FRAME.answer) {
      const { id, answers } = readAnswers(body);
      const work = working.get(id);
      if (work?.count !== answers.length) throw new Error("An engine answered what it was not asked.");
      working.delete(id);
      work.resolve(answers);
    } else throw new Error(`An engine sent a frame of kind ${kind}.`);
  }

  readFrames(socket, (frame) => {
    try {
      take(frame);
    } catch {
      kill("it spoke out of turn");
    }
  });
  socket.on("error", () => kill("its socket broke"));
  splitLines(spawned.stdout as Readable, (text) => say("stdout", text));
  splitLines(spawned.stderr as Readable, (text) => say("stderr", text));
  send(socket, launch).catch((thrown: unknown) => {
    // Its own end is told by `ended`; anything else is a model file that could not be read.
    if (!socket.destroyed) ready.reject(thrown);
    kill("its model could not be sent");
  });

  return {
    pid: spawned.pid ?? 0,
    ready: ready.promise,
    ended,
    kill,
    rssMiB: () => rssMibOf(spawned.pid),
    run(items) {
      if (socket.destroyed) return Promise.reject(died(why ?? "it is gone"));
      lastId = (lastId + 1) % 2 ** 32;
      const { promise, resolve, reject } = Promise.withResolvers<Answer[]>();
      working.set(lastId, { count: items.length, resolve, reject });
      write(socket, batchFrame(lastId, items));
      return promise;
    },
  };
}

function died(why: string): AppError {
  return new AppError("unavailable", `The engine ended while it worked on this request: ${why}.`, {
    reason: "engine_died",
    retryAfterSeconds: 1,
  });
}

/** Slowly, as the child takes it: a model may be larger than what should stand in our memory. */
async function send(socket: Socket, { start, files }: Launch): Promise<void> {
  write(socket, jsonFrame(FRAME.start, start));
  for (const file of files) {
    write(socket, jsonFrame(FRAME.file, { path: file.path, sizeBytes: file.sizeBytes }));
    for await (const chunk of await file.open()) {
      if (!write(socket, frameOf(FRAME.chunk, [chunk as Buffer]))) await once(socket, "drain");
    }
  }
  write(socket, frameOf(FRAME.load, []));
}

function write(socket: Socket, pieces: readonly Uint8Array[]): boolean {
  if (pieces.length === 1 && pieces[0] !== undefined) return socket.write(pieces[0]);
  socket.cork();
  const answers = pieces.map((piece) => socket.write(piece));
  socket.uncork();
  return answers.at(-1) ?? true;
}

/** Not `close`: what the child started may hold its output open. */
function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) =>
      resolve(signal === null ? `it exited with status ${code}` : `it was ended by ${signal}`),
    );
  });
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // The group is gone: what was asked for.
  }
}

function rssMibOf(pid: number | undefined): number {
  try {
    const [, resident = "0"] = readFileSync(`/proc/${pid}/statm`, "utf8").split(" ");
    return Math.round((Number(resident) * PAGE_BYTES) / 2 ** 20);
  } catch {
    return 0; // It has ended, or this system keeps no such file.
  }
}
