import type { Channel, Monitor } from "@atrium/contract/monitoring";
import type { Api } from "./api.ts";

const HOUR_MS = 3_600_000;
const HOURS = 22;
const REFERENCE_HOURS = 4;
const ROWS_AN_HOUR = 240;
export const DRIFT_HOURS = { from: 13, to: 18 }; // The wind turns and an airline moves; then it is over.
export const QUIET_HOUR = 9; // Too few flights for drift to mean anything.
const READY_TIMEOUT_MS = 300_000; // The worker shares two cores with a browser.
const POLL_MS = 500;
const CARRIERS = ["AA", "DL", "UA", "WN", "AS"];
const ORIGINS = ["SEA", "SFO", "LAX", "JFK", "ATL", "ORD"];

export const MONITORED = "flight-log";
export const MONITOR = "departures";
const SECRET = "ALERT_HOOK";

/**
 * A monitor over a day of a dataset: real rows, windows that the worker computes with the real engine, rules that fire and
 * resolve. A dataset stands for an endpoint's log here, since a served model with a day of predictions takes minutes.
 */
export async function seedMonitors(api: Api, project: string, receiver: string) {
  const { ours } = api.inProject(project);
  const startMs = Math.floor(Date.now() / HOUR_MS - HOURS) * HOUR_MS;
  await ours("POST", "/datasets", { name: MONITORED, owner: "flight operations" });
  const csv = new TextEncoder().encode(logCsv(startMs));
  await ours("POST", `/datasets/${MONITORED}/versions/upload?format=csv`, csv);
  await until(
    () => ours<{ state: string }>("GET", `/datasets/${MONITORED}/versions/1`),
    ({ state }) => state === "ready",
  );
  await allowReceiver(api, project, receiver);
  const channel = await ours<Channel>("POST", "/alert-channels", {
    ...{ name: "duty desk", url: receiver, secret: SECRET },
  });
  const monitor = await ours<Monitor>("POST", "/monitors", settings(startMs));
  const rule = (body: object) =>
    ours("POST", "/alert-rules", {
      monitorId: monitor.id,
      comparison: "above",
      channels: [channel.id],
      ...body,
    });
  await rule({ name: "wind drifts", metric: "psi", column: "wind", threshold: 0.25, severity: "critical" });
  await rule({ name: "a feature drifts", metric: "psi", threshold: 0.25, windows: 2 });
  await rule({ name: "delays are missed", metric: "mae", threshold: 14 });
  await rule({ name: "gusts are missing", metric: "nullShare", column: "gust", threshold: 0.02 });
  await until(
    () => ours<Monitor>("GET", `/monitors/${MONITOR}`),
    ({ lastWindow, problem }) => {
      if (problem !== undefined) throw new Error(problem);
      return (lastWindow?.endMs ?? 0) >= startMs + HOURS * HOUR_MS;
    },
  );
  return { startMs, monitor };
}

/** A webhook on this machine is one into a private network, which a project has to allow. */
async function allowReceiver(api: Api, project: string, receiver: string): Promise<void> {
  const settings = { privateWebhookHosts: [new URL(receiver).hostname] };
  await api.ours("PATCH", `/projects/${project}`, { settings });
  await api
    .inProject(project)
    .ours("PUT", `/project/secrets/${SECRET}`, { value: "a secret that signs what is told" });
}

function settings(startMs: number) {
  const number = ["distance", "wind", "gust", "delay", "predicted"];
  return {
    name: MONITOR,
    description: "What departs, hour by hour, against the first hours of the day.",
    source: { kind: "dataset", dataset: MONITORED, timeColumn: "departed_at" },
    reference: { kind: "window", fromMs: startMs, toMs: startMs + REFERENCE_HOURS * HOUR_MS },
    columns: [
      ...number.map((name) => ({ name, kind: "number", role: name === "predicted" ? "output" : "feature" })),
      { name: "carrier", kind: "category" },
      { name: "origin", kind: "category" },
    ],
    segments: [
      { name: "west-coast", column: "origin", values: ["SEA", "SFO", "LAX"] },
      { name: "small-airline", column: "carrier", values: ["AS"] },
    ],
    performance: { task: "regression", prediction: "predicted", label: "delay" },
    windowMs: HOUR_MS,
    settleMs: 0,
    rowsMin: 100,
    startMs: startMs + REFERENCE_HOURS * HOUR_MS,
  };
}

/** The same numbers each time, but for the hour they begin at. */
function logCsv(startMs: number): string {
  const noise = (at: number, of: number) => {
    const x = Math.sin(at * 12.9898 + of * 78.233) * 43_758.5453;
    return x - Math.floor(x);
  };
  const lines = ["departed_at,carrier,origin,distance,wind,gust,delay,predicted"];
  for (let hour = 0; hour < HOURS; hour += 1) {
    const rows = hour === QUIET_HOUR ? 40 : ROWS_AN_HOUR;
    const turned = hour >= DRIFT_HOURS.from && hour < DRIFT_HOURS.to;
    for (let row = 0; row < rows; row += 1) {
      const at = hour * 1000 + row;
      const time = new Date(startMs + hour * HOUR_MS + Math.floor((row / rows) * HOUR_MS)).toISOString();
      const carrier =
        turned && noise(at, 1) < 0.4 ? "F9" : CARRIERS[Math.floor(noise(at, 2) * CARRIERS.length)];
      const wind = 8 + noise(at, 3) * 14 + noise(at, 4) * 8 + (turned ? 9 : 0);
      const gust = noise(at, 5) < (hour > 18 ? 0.08 : 0.005) ? "" : (wind * 1.3).toFixed(1);
      const delay = -Math.log(1 - noise(at, 6)) * 12 + (turned ? wind : wind / 3);
      const predicted = 6 + wind / 2 + noise(at, 7) * 6;
      lines.push(
        [
          time.replace("Z", ""),
          carrier,
          ORIGINS[Math.floor(noise(at, 8) * ORIGINS.length)],
          Math.round(200 + noise(at, 9) ** 2 * 4200),
          wind.toFixed(1),
          gust,
          delay.toFixed(1),
          predicted.toFixed(1),
        ].join(","),
      );
    }
  }
  return `${lines.join("\n")}\n`;
}

async function until<T>(read: () => Promise<T>, done: (value: T) => boolean): Promise<void> {
  const endMs = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    const value = await read();
    if (done(value)) return;
    if (Date.now() > endMs) throw new Error(`Not in time: ${JSON.stringify(value).slice(0, 300)}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
