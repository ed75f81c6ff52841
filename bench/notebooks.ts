/**
 * From the click to a kernel that has run its first cell, over the same of a bare JupyterLab, in turns:
 *   node bench/notebooks.ts --python PATH-TO-PYTHON-WITH-JUPYTERLAB-AND-IPYKERNEL [--rounds 3] [--cells 100]
 * Environments are built before the first round. It prints times and ratios; it asserts nothing about time.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { freePort } from "../checks/src/needs/free-port.ts";
import { type Channel, openChannel } from "../conformance/jupyter/lib/kernel.ts";
import { ask } from "../conformance/jupyter/lib/person.ts";
import { createClient, poll } from "../conformance/jupyter/lib/place.ts";
import { startServer } from "../conformance/lib/server.ts";

const { values: flags } = parseArgs({
  options: {
    python: { type: "string" },
    rounds: { type: "string", default: "3" },
    cells: { type: "string", default: "100" },
  },
});
const { python } = flags;
if (python === undefined)
  throw new Error("Name an interpreter that has jupyterlab and ipykernel: --python PATH.");
const ROUNDS = Number(flags.rounds);
const CELLS = Number(flags.cells);
const OWN_TOKEN = "of-the-bare-server";

interface Round {
  startMs: number;
  cellMs: number;
}

const server = await startServer();
try {
  const client = createClient(server);
  await startOurs(); // Builds the environments, which is nobody's start.
  const ours: Round[] = [];
  const bare: Round[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    bare.push(await startBare(python));
    ours.push(await startOurs());
  }
  line("start to first cell", "startMs", { ours, bare });
  line("a cell, there and back", "cellMs", { ours, bare });

  async function startOurs(): Promise<Round> {
    const begun = performance.now();
    await client.start();
    const { state, url, reason } = await client.until("running", "failed");
    if (state !== "running") throw new Error(`It did not start: ${reason}`);
    const base = url.replace(/lab$/, "");
    const round = await firstCell(
      `${server.url}${base}`,
      client.credentials as Record<string, string>,
      begun,
    );
    await client.json("POST", "/notebook-server/stop", {});
    await client.until("stopped");
    return round;
  }
} finally {
  await server.stop();
}

async function startBare(interpreter: string): Promise<Round> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "atrium-bare-jupyter-"));
  const base = `http://127.0.0.1:${port}/`;
  const headers = { authorization: `token ${OWN_TOKEN}` };
  const args = [
    "--no-browser",
    `--port=${port}`,
    "--ServerApp.allow_root=True",
    `--ServerApp.root_dir=${folder}`,
  ];
  const begun = performance.now();
  const child = spawn(interpreter, ["-m", "jupyterlab", ...args], {
    stdio: "ignore",
    env: { ...process.env, JUPYTER_TOKEN: OWN_TOKEN },
  });
  try {
    await poll(
      () => ask(`${base}api/status`, { headers }).catch(() => ({ status: 0, text: "" })),
      ({ status }) => status === 200,
    );
    return await firstCell(base, headers, begun);
  } finally {
    child.kill("SIGTERM");
    await once(child, "exit");
    rmSync(folder, { recursive: true, force: true });
  }
}

async function firstCell(base: string, headers: Record<string, string>, begun: number): Promise<Round> {
  const sent = { ...headers, "content-type": "application/json" };
  const started = await ask(`${base}api/kernels`, {
    method: "POST",
    headers: sent,
    body: '{"name":"python3"}',
  });
  const { id } = JSON.parse(started.text) as { id: string };
  const channel: Channel = await openChannel(`${base}api/kernels/${id}/channels`, headers);
  await channel.run("1 + 1");
  const startMs = performance.now() - begun;
  const cellsBegun = performance.now();
  for (let i = 0; i < CELLS; i += 1) await channel.run("1 + 1");
  const cellMs = (performance.now() - cellsBegun) / CELLS;
  channel.close();
  return { startMs, cellMs };
}

function line(what: string, of: keyof Round, { ours, bare }: { ours: Round[]; bare: Round[] }): void {
  const least = (rounds: Round[]) => Math.min(...rounds.map((round) => round[of]));
  const [mine, theirs] = [least(ours), least(bare)];
  const ratio = (mine / theirs).toFixed(2);
  process.stdout.write(
    `${what}: ${mine.toFixed(1)} ms; bare jupyter lab over TCP ${theirs.toFixed(1)} ms; ratio ${ratio}\n`,
  );
}
