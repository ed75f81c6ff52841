import type { Dataset, DatasetVersion } from "@atrium/contract/datasets";
import type { Materialization, TrainingSet } from "@atrium/contract/feature-store";
import type { Api } from "./api.ts";

export const DATASET = "flights";
export const VIEW = "origin_delays";
export const SERVICE = "flight_delay";

const ROWS = 4000;
const HOUR_MS = 3_600_000;
const READY_TIMEOUT_MS = 120_000; // The worker shares two cores with everything else that is seeded.
const POLL_MS = 200;
const ORIGINS = ["SEA", "JFK", "ATL", "ORD", "DFW", "DEN", "SFO", "LAX"];
const CARRIERS = ["AA", "DL", "UA", "WN", "AS"];

const CHECKS = [
  { name: "origin is known", kind: "not-null", column: "origin" },
  { name: "one row a flight", kind: "unique", columns: ["flight"] },
  { name: "distance makes sense", kind: "range", column: "distance", min: 1, max: 6000 },
  { name: "carriers we know", kind: "allowed-values", column: "carrier", values: CARRIERS },
  { name: "delay is mostly there", kind: "not-null", column: "delay", severity: "warning" },
  { name: "enough rows", kind: "row-count", min: 100 },
];

const DESCRIPTION = `Every **departure** of the eight largest airports, one row a flight.

- \`delay\` is in minutes and null for flights that were cancelled
- comes every night from operations`;

/** Datasets with versions that pass and fail, a feature store over them, and a training set; all as clients make them. */
export async function seedData(api: Api, project: string): Promise<void> {
  const { ours } = api.inProject(project);
  const upload = async (dataset: string, csv: string, description: string) => {
    const query = new URLSearchParams({ format: "csv", description });
    const path = `/datasets/${dataset}/versions/upload?${query}`;
    const { version } = await ours<DatasetVersion>("POST", path, new TextEncoder().encode(csv));
    await until(
      () => ours<DatasetVersion>("GET", `/datasets/${dataset}/versions/${version}`),
      ({ state }) => state !== "pending",
    );
  };
  await ours<Dataset>("POST", "/datasets", {
    name: DATASET,
    description: DESCRIPTION,
    owner: "flight operations",
    tags: { domain: "departures", refresh: "nightly" },
    checks: CHECKS,
  });
  await upload(DATASET, flightsCsv("first"), "Three months of departures.");
  await ours("PUT", `/datasets/${DATASET}/versions/1/certification`, {
    note: "Compared with the airports' own counts.",
  });
  await upload(DATASET, flightsCsv("later"), "With wind at departure; distances not cleaned yet.");
  await ours("POST", "/datasets", { name: "airports", owner: "Mira Okafor", tags: { domain: "reference" } });
  await upload(
    "airports",
    `origin,city\n${ORIGINS.map((origin) => `${origin},City of ${origin}`).join("\n")}\n`,
    "",
  );
  await ours("POST", "/datasets", { name: "weather", owner: "research" });
  await seedFeatures(ours);
}

type Ours = <T>(method: string, path: string, body?: unknown) => Promise<T>;

async function seedFeatures(ours: Ours): Promise<void> {
  const source = { dataset: DATASET, version: 1, timestampColumn: "departed_at" };
  await ours("POST", "/features/entities", {
    name: "airport",
    description: "Where a flight departs.",
    joinKeys: [{ name: "origin", type: "string" }],
  });
  await ours("POST", "/features/views", {
    name: VIEW,
    description: "How late departures of an airport have been.",
    entities: ["airport"],
    source,
    ttlSeconds: 7 * 86_400,
    aggregations: [
      { function: "count", windows: ["1d", "7d"], default: 0 },
      { function: "mean", column: "delay", windows: ["1d", "7d"], default: 0 },
      { function: "max", column: "delay", windows: ["7d"] },
    ],
  });
  await ours("POST", "/features/views", {
    name: "last_flight",
    description: "The airport's last departure, as it was.",
    entities: ["airport"],
    source,
    ttlSeconds: 3600,
    features: [
      { name: "last_carrier", type: "string", column: "carrier", default: "AA" },
      { name: "last_delay", type: "float64", column: "delay", default: 0, description: "In minutes." },
    ],
  });
  await ours("POST", "/features/services", {
    name: SERVICE,
    description: "What the model of delays takes.",
    views: [{ view: VIEW }, { view: "last_flight", features: ["last_delay"] }],
  });
  const asOfMs = Date.now() - 5 * HOUR_MS;
  for (const view of [VIEW, "last_flight"]) {
    const path = `/features/views/${view}/materializations`;
    const { id } = await ours<Materialization>("POST", path, { mode: "full", asOfMs });
    await until(() => ours<Materialization>("GET", `/features/materializations/${id}`), hasEnded);
  }
  const { name, number } = await ours<TrainingSet>("POST", "/features/training-sets", {
    service: SERVICE,
    entities: {
      dataset: DATASET,
      version: 1,
      sql: "SELECT flight, origin, departed_at, delay FROM dataset WHERE delay IS NOT NULL",
      timestampColumn: "departed_at",
    },
    names: "full",
  });
  await until(() => ours<TrainingSet>("GET", `/features/training-sets/${name}/${number}`), hasEnded);
}

function hasEnded({ state, error }: { state: string; error?: string | undefined }): boolean {
  if (state === "failed") throw new Error(error ?? "it failed");
  return state === "succeeded";
}

export async function until<T>(read: () => Promise<T>, done: (value: T) => boolean): Promise<T> {
  const endMs = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    const value = await read();
    if (done(value)) return value;
    if (Date.now() > endMs) throw new Error(`Not in time: ${JSON.stringify(value).slice(0, 300)}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** The same numbers each time; the later version is longer, slower and has a column more and some bad distances. */
function flightsCsv(which: "first" | "later"): string {
  const isLater = which === "later";
  const count = isLater ? ROWS * 1.2 : ROWS;
  const head = `flight,origin,carrier,departed_at,delay,distance,cancelled${isLater ? ",wind" : ""}`;
  const noise = (at: number, of: number) => {
    const x = Math.sin(at * 12.9898 + of * 78.233) * 43_758.5453;
    return x - Math.floor(x);
  };
  const lines = Array.from({ length: count }, (_, at) => {
    const departedMs = Date.now() - (count - at) * (isLater ? 0.45 : 0.54) * HOUR_MS;
    const isCancelled = noise(at, 1) < 0.04;
    const late = -Math.log(1 - noise(at, 2)) * (isLater ? 19 : 12) - 6;
    const distance = isLater && at % 211 === 7 ? -1 : Math.round(200 + noise(at, 3) ** 2 * 4200);
    return [
      `F${100_000 + at}`,
      ORIGINS[Math.floor(noise(at, 4) ** 1.6 * ORIGINS.length)],
      CARRIERS[Math.floor(noise(at, 5) * CARRIERS.length)],
      new Date(departedMs).toISOString(),
      isCancelled ? "" : late.toFixed(1),
      distance,
      isCancelled,
      ...(isLater ? [(noise(at, 6) * noise(at, 7) * 40).toFixed(1)] : []),
    ].join(",");
  });
  return `${head}\n${lines.join("\n")}\n`;
}
