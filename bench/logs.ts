/* A million log lines written, joined and searched: `node bench/logs.ts [lines]`. Prints time, CPU of all threads, and the
   longest turn of the event loop as processor time of its thread, which other programs on the machine do not disturb. */
import { ada, openTelemetry } from "../server/src/testing/telemetry.ts";

const LINES = Number(process.argv[2] ?? 1_000_000);
const HOURS = 24;
const t = await openTelemetry();
const beganMs = t.time.nowMs;
const P1 = { kind: "project", projectId: "p1" } as const;
let longestTurnUs = 0;
let watching = false;

await measured(`write ${LINES} lines`, async () => {
  for (let i = 0; i < LINES; i += 1) {
    const atMs = beganMs + Math.floor((i / LINES) * HOURS * 3_600_000);
    t.telemetry.write([
      {
        projectId: "p1",
        atMs,
        level: i % 50 === 0 ? "error" : i % 10 === 0 ? "warn" : "info",
        message: `request ${i} to /api/runs/${(i * 7919) % 10007} took ${(Math.sin(i) + 1) * 100} ms`,
        labels: { role: ["api", "worker", "gateway"][i % 3] ?? "", run: `run-${Math.floor(i / 1000)}` },
        fields: {
          traceId: ((i * 2654435761) % 4294967296).toString(16),
          status: 200 + (i % 5),
          user: `u${i % 97}`,
        },
      },
    ]);
    if (i % 100 === 99 && i % 1000 !== 999) await new Promise(setImmediate); // As many requests would write them.
    if (i % 1000 === 999) {
      t.time.nowMs = atMs;
      await t.telemetry.flush();
    }
  }
  await t.telemetry.flush();
  return `${t.telemetry.dropped} dropped`;
});
t.time.nowMs += 120_000;
await measured("join small rows", async () => t.runJob("telemetry.join"));

const all = { fromMs: beganMs, toMs: t.time.nowMs + 1, pageSize: 200 };
const search =
  (labels: string, text: string, range = all) =>
  async () =>
    `${(await t.telemetry.searchLogs(ada, P1, { ...range, labels, text })).items.length} lines`;
await measured("newest 200", search("", ""));
await measured("one run of a thousand", search("run=run-77", ""));
await measured(
  "15 minutes, role and level",
  search("role=api,level=error", "", { ...all, fromMs: beganMs + 3_600_000, toMs: beganMs + 4_500_000 }),
);
await measured("a rare word in all", search("", "request 4242 to"));
await measured("a word that is nowhere", search("", "nowhere-at-all"));
await measured("histogram of all", async () => {
  const { buckets } = await t.telemetry.logHistogram(ada, P1, { ...all, labels: "", text: "", buckets: 60 });
  return `${buckets.length} buckets`;
});
await measured("histogram of one role", async () => {
  const { buckets } = await t.telemetry.logHistogram(ada, P1, {
    ...all,
    labels: "role=api",
    text: "",
    buckets: 60,
  });
  return `${buckets.length} buckets`;
});
await t.close();

async function measured(what: string, work: () => Promise<unknown>): Promise<void> {
  longestTurnUs = 0;
  watching = true;
  let before = process.threadCpuUsage();
  const turn = (): void => {
    const { user, system } = process.threadCpuUsage(before);
    longestTurnUs = Math.max(longestTurnUs, user + system);
    before = process.threadCpuUsage();
    if (watching) setImmediate(turn);
  };
  setImmediate(turn);
  const cpu = process.cpuUsage();
  const from = performance.now();
  const result = await work();
  const ms = performance.now() - from;
  watching = false;
  const { user, system } = process.cpuUsage(cpu);
  process.stdout.write(
    `${what.padEnd(32)} ${ms.toFixed(0).padStart(7)} ms, CPU ${((user + system) / 1e6).toFixed(2)} s, ` +
      `longest turn ${(longestTurnUs / 1000).toFixed(1)} ms, ` +
      `memory ${(process.memoryUsage.rss() / 2 ** 20).toFixed(0)} MiB  ${result ?? ""}\n`,
  );
  await new Promise((go) => setTimeout(go, 20));
}
