/* An engine process: loads the model that comes over the socket and answers batches until the socket closes. */
import { Socket } from "node:net";
import { posix } from "node:path";
import { Worker } from "node:worker_threads";
import {
  type Answer,
  answerFrame,
  FRAME,
  type Frame,
  jsonFrame,
  readBatch,
  readFrames,
} from "../../server/src/ports/engines/frames.ts";
import { loadModel, type Model } from "./model.ts";

interface Start {
  file: string;
  threads: number;
}

const SERVER_FD = 3; // The socket pair that the server opened for us.
const ORPHAN_POLL_MS = 500;

// The runtime computes on this thread, so a socket that closes meanwhile is not noticed here: another thread looks.
const ORPHAN_WATCH = `
const parent = process.ppid;
setInterval(() => process.ppid === parent || process.kill(process.pid, "SIGKILL"), ${ORPHAN_POLL_MS});
`;

const server = new Socket({ fd: SERVER_FD, readable: true, writable: true });
const files = new Map<string, Buffer[]>();
let start: Start = { file: "", threads: 1 };
let filling: Buffer[] = [];
let model: Model | undefined;
let turn = Promise.resolve();

// The runtime's JavaScript would make half floats of this type where it exists, and its native side does not know it.
Reflect.deleteProperty(globalThis, "Float16Array");
new Worker(ORPHAN_WATCH, { eval: true }).unref();
// Waiting threads of the runtime can hold up an orderly exit, and there is nothing to put in order.
for (const event of ["close", "error"]) server.on(event, () => process.kill(process.pid, "SIGKILL"));
readFrames(server, (frame) => {
  turn = turn.then(() => take(frame));
});

async function take({ kind, body }: Frame): Promise<void> {
  if (kind === FRAME.start) start = JSON.parse(body.toString("utf8")) as Start;
  else if (kind === FRAME.file) begin((JSON.parse(body.toString("utf8")) as { path: string }).path);
  else if (kind === FRAME.chunk) filling.push(body);
  else if (kind === FRAME.load) await load();
  else if (kind === FRAME.batch) await work(body);
}

function begin(path: string): void {
  filling = [];
  files.set(path, filling);
}

async function load(): Promise<void> {
  try {
    const bytes = Buffer.concat(files.get(start.file) ?? []);
    const folder = posix.dirname(start.file);
    const external = [...files]
      .filter(([path]) => path !== start.file)
      .map(([path, pieces]) => ({ path: posix.relative(folder, path), data: Buffer.concat(pieces) }));
    files.clear();
    filling = [];
    model = await loadModel({ bytes, external, threads: start.threads });
    say(jsonFrame(FRAME.ready, model.signature));
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    say(jsonFrame(FRAME.refused, { code: "invalid", message }));
  }
}

async function work(body: Buffer): Promise<void> {
  const { id, items } = readBatch(body);
  const requests = items.map((item) => (item.kind === "tensors" ? item.tensors : []));
  const answers: Answer[] = (await model?.answer(requests)) ?? [];
  say(answerFrame(id, answers));
}

function say(pieces: readonly Uint8Array[]): void {
  server.cork();
  for (const piece of pieces) server.write(piece);
  server.uncork();
}
