import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../checks/src/needs/free-port.ts";
import type { Series } from "./samples.ts";

const READY_MS = 30_000;

export interface RealPrometheus {
  url: string;
  version: string;
  stop(): Promise<void>;
}

/** A Prometheus of the machine that holds some series; undefined when the machine has none. */
export async function startPrometheus(series: readonly Series[]): Promise<RealPrometheus | undefined> {
  const asked = spawnSync("prometheus", ["--version"], { encoding: "utf8" });
  if (asked.status !== 0) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "atrium-prometheus-"));
  writeFileSync(join(folder, "samples.om"), openMetrics(series));
  writeFileSync(join(folder, "prometheus.yml"), "");
  const made = spawnSync("promtool", ["tsdb", "create-blocks-from", "openmetrics", "samples.om", "data"], {
    cwd: folder,
  });
  if (made.status !== 0) throw new Error(`promtool made no blocks: ${made.stderr}`);
  const port = await freePort();
  const args = [
    "--config.file=prometheus.yml",
    "--storage.tsdb.path=data",
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  const child = spawn("prometheus", args, { cwd: folder, stdio: "ignore" });
  const url = `http://127.0.0.1:${port}`;
  await ready(url, child);
  return {
    url,
    version: /version (\S+)/.exec(asked.stdout + asked.stderr)?.[1] ?? "unknown",
    stop: async () => {
      const gone = new Promise((resolve) => child.once("close", resolve));
      child.kill();
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function openMetrics(series: readonly Series[]): string {
  const lines = series.flatMap(({ labels: { __name__: name, ...labels }, points }) => {
    const said = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    return points.map(([atMs, value]) => `${name}{${said.join(",")}} ${textOf(value)} ${atMs / 1000}`);
  });
  return `${lines.join("\n")}\n# EOF\n`;
}

function textOf(value: number): string {
  return value === Infinity ? "+Inf" : String(value);
}

async function ready(url: string, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + READY_MS;
  while (performance.now() < deadline && child.exitCode === null) {
    const answer = await fetch(`${url}/-/ready`).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill();
  throw new Error("Prometheus did not become ready.");
}
