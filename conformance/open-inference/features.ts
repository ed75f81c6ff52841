import type { Server } from "../lib/server.ts";
import { own, putDataset, until } from "./lib/atrium.ts";

const HOUR_MS = 3_600_000;

/** Datasets, a feature service that is online, and a training set of it; answers the set's address. */
export async function features(server: Server): Promise<string> {
  const nowMs = Date.now();
  await Promise.all([
    putDataset(server, "drivers", [
      { driver_id: 1, event_timestamp: timestamp(nowMs - HOUR_MS), conv_rate: 0.5, trips: 3 },
    ]),
    putDataset(server, "fares", [
      { city: "Bern", fare: 10 },
      { city: "Bern", fare: 20 },
      { city: "Rome", fare: 30 },
    ]),
    putDataset(server, "trips", [{ driver_id: 1, event_timestamp: timestamp(nowMs), hour: 2, fare: 12 }]),
  ]);
  await own(server, "POST /features/entities", {
    name: "driver",
    joinKeys: [{ name: "driver_id", type: "int64" }],
  });
  await own(server, "POST /features/views", {
    name: "driver_hourly",
    entities: ["driver"],
    source: { dataset: "drivers", timestampColumn: "event_timestamp" },
    features: [
      { name: "conv_rate", type: "float64" },
      { name: "trips", type: "int64" },
    ],
  });
  await own(server, "POST /features/services", { name: "ranking", views: [{ view: "driver_hourly" }] });
  const run = await own(server, "POST /features/views/driver_hourly/materializations", {});
  const set = await own(server, "POST /features/training-sets", {
    service: "ranking",
    entities: { dataset: "trips", timestampColumn: "event_timestamp" },
  });
  const path = `/features/training-sets/${set.name}/${set.number}` as const;
  const succeeded = ({ state }: { state: string }) => state === "succeeded";
  await until(() => own(server, `GET ${path}`), succeeded);
  await until(() => own(server, `GET /features/materializations/${run.id}`), succeeded);
  return `${server.url}/api/atrium/v1${path}`;
}

function timestamp(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, -1).replace("T", " ");
}
