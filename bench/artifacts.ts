/**
 * One large artifact up and down through the mlflow artifact proxy, ours (sealed, hashed, content-addressed) beside
 * `mlflow server` (a plain file) and beside writing and hashing the bytes alone:
 *   node bench/artifacts.ts [--python PATH-TO-PYTHON-WITH-MLFLOW] [--mib 1024]
 * It prints server CPU, throughput and memory; it asserts nothing.
 */
import { createHash, randomBytes } from "node:crypto";
import { closeSync, fdatasyncSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Peer, startAtrium, startMlflow } from "./lib/servers.ts";

const { values: flags } = parseArgs({
  options: { python: { type: "string" }, mib: { type: "string", default: "1024" } },
});
const MIB = 2 ** 20;
const total = Number(flags.mib) * MIB;
const piece = randomBytes(MIB);

interface Figure {
  cpuMs: number;
  wallMs: number;
  rssMib: number;
}

async function* pieces(): AsyncGenerator<Uint8Array> {
  for (let sent = 0; sent < total; sent += piece.length) yield piece;
}

async function measure(peer: Peer, work: () => Promise<void>): Promise<Figure> {
  const cpu = peer.cpuMs();
  const from = performance.now();
  let rssMib = peer.rssMib();
  const watch = setInterval(() => {
    rssMib = Math.max(rssMib, peer.rssMib());
  }, 200);
  await work().finally(() => clearInterval(watch));
  return { cpuMs: peer.cpuMs() - cpu, wallMs: performance.now() - from, rssMib };
}

async function run(peer: Peer): Promise<{ up: Figure; down: Figure; idleMib: number }> {
  const address = `${peer.url}/api/2.0/mlflow-artifacts/artifacts/0/${await newRun(peer)}/artifacts/large.bin`;
  const idleMib = peer.rssMib();
  try {
    const up = await measure(peer, async () => {
      const body = ReadableStream.from(pieces());
      const init = { method: "PUT", headers: peer.headers, body, duplex: "half" };
      const answer = await fetch(address, init as RequestInit);
      if (!answer.ok) throw new Error(`${peer.name}: ${answer.status} ${await answer.text()}`);
    });
    const down = await measure(peer, async () => {
      const answer = await fetch(address, { headers: peer.headers });
      let bytes = 0;
      for await (const chunk of answer.body ?? []) bytes += chunk.length;
      if (bytes !== total) throw new Error(`${peer.name}: ${bytes} bytes came back of ${total}`);
    });
    return { up, down, idleMib };
  } finally {
    await peer.stop();
  }
}

async function newRun(peer: Peer): Promise<string> {
  const answer = await fetch(`${peer.url}/api/2.0/mlflow/runs/create`, {
    method: "POST",
    headers: { ...peer.headers, "content-type": "application/json" },
    body: JSON.stringify({ experiment_id: "0", start_time: Date.now() }),
  });
  if (!answer.ok) throw new Error(`${peer.name}: ${answer.status} ${await answer.text()}`);
  const made = (await answer.json()) as { run: { info: { run_id: string } } };
  return made.run.info.run_id;
}

/** What no server can do without: the bytes written, synced and hashed, then read. */
function bare(): { up: number; down: number } {
  const file = join(tmpdir(), `artifact-bench-${process.pid}`);
  const cpuOf = (work: () => void): number => {
    const from = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(from);
    return (user + system) / 1000;
  };
  try {
    const up = cpuOf(() => {
      const out = openSync(file, "w");
      const hash = createHash("sha256");
      for (let sent = 0; sent < total; sent += piece.length) {
        hash.update(piece);
        writeSync(out, piece);
      }
      hash.digest();
      fdatasyncSync(out);
      closeSync(out);
    });
    const down = cpuOf(() => {
      const from = openSync(file, "r");
      const into = Buffer.alloc(MIB);
      while (readSync(from, into) > 0);
      closeSync(from);
    });
    return { up, down };
  } finally {
    rmSync(file, { force: true });
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

const alone = bare();
const peers = [await startAtrium(), ...(flags.python === undefined ? [] : [await startMlflow(flags.python)])];
print(`${flags.mib} MiB, bare file: up ${alone.up.toFixed(0)} ms CPU, down ${alone.down.toFixed(0)} ms CPU`);
for (const peer of peers) {
  const figures = await run(peer);
  for (const way of ["up", "down"] as const) {
    const { cpuMs, wallMs, rssMib } = figures[way];
    const rate = (total / MIB / (wallMs / 1000)).toFixed(0);
    print(
      `${peer.name} ${way}: ${cpuMs.toFixed(0)} ms server CPU (${(cpuMs / alone[way]).toFixed(1)}× bare), ` +
        `${rate} MiB/s, memory ${figures.idleMib.toFixed(0)} → ${rssMib.toFixed(0)} MiB`,
    );
  }
}
