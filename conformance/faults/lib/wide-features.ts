import { createHash } from "node:crypto";
import { ask, eventually, type Login, must } from "./client.ts";
import { own, reaches } from "./stores.ts";

const DATASET = "readings";
const VIEW = "readings_of_sensor";
const SERVICE = "readings";
const ROWS = 12_000; // Megabytes online, and about one as a training set: more than an upload that is refused leaves.
const SEEN = [1, ROWS / 3, ROWS / 2, ROWS - 1];
const END_MS = 180_000; // A worker's five tries, each of seconds on a busy machine.

/** What a worker was asked for, once it has ended. */
export interface Outcome {
  state: string;
  error: string;
}

/** A dataset and a view over it that is too wide for a disk with little room; nothing of it is online yet. */
export async function prepareWide(login: Login): Promise<void> {
  must(await own(login, "POST /datasets", { name: DATASET }));
  const rows = Array.from({ length: ROWS }, (_, i) => `w${i},2026-01-01 00:00:00,${i},${noteOf(i)}\n`);
  const body = Buffer.from(`sensor_id,at,reading,note\n${rows.join("")}`);
  const upload = `POST /datasets/${DATASET}/versions/upload?format=csv` as const;
  const { version } = must<{ version: number }>(await own(login, upload, body));
  await reaches(login, `/datasets/${DATASET}/versions/${version}`, "ready");
  const source = { dataset: DATASET, timestampColumn: "at" };
  const features = [
    { name: "reading", type: "int64" },
    { name: "note", type: "string" },
  ];
  must(await own(login, "POST /features/views", { name: VIEW, entities: ["sensor"], source, features }));
  must(await own(login, "POST /features/services", { name: SERVICE, views: [{ view: VIEW }] }));
}

export async function materializeWide(login: Login): Promise<Outcome> {
  const asked = await own(login, `POST /features/views/${VIEW}/materializations`, { mode: "full" });
  const { id } = must<{ id: string }>(asked);
  return outcomeOf(login, `/features/materializations/${id}`);
}

/** @returns also how many rows it has, and under which path */
export async function trainWide(login: Login): Promise<Outcome & { rows?: number; artifactPath?: string }> {
  const entities = { dataset: DATASET, timestampColumn: "at", sql: 'select sensor_id, "at" from dataset' };
  const asked = await own(login, "POST /features/training-sets", { service: SERVICE, entities });
  const { name, number } = must<{ name: string; number: number }>(asked);
  return outcomeOf(login, `/features/training-sets/${name}/${number}`);
}

async function outcomeOf<T extends Outcome>(login: Login, path: string): Promise<T> {
  let last: (T & { error?: string }) | undefined;
  await eventually(async () => {
    last = must<T>(await own(login, `GET ${path}`));
    return last.state === "succeeded" || last.state === "failed";
  }, END_MS);
  if (last === undefined) throw new Error(`${path} was never told of.`);
  return { ...last, error: last.error ?? "" };
}

/** How many of some sensors have a value online; a row that is not whole, or another's, is none that may be there. */
export async function wideOnline(login: Login): Promise<{ there: number; torn: string[] }> {
  const sensors = SEEN.map((i) => `w${i}`);
  const features = [`${VIEW}:reading`, `${VIEW}:note`];
  const body = { features, entities: { sensor_id: sensors } };
  const answer = await ask(login, { method: "POST", path: "/feast/get-online-features", body });
  const { results } = must<{ results: { values: (string | number | null)[] }[] }>(answer);
  const found = SEEN.map((i, at) => ({ i, reading: results[1]?.values[at], note: results[2]?.values[at] }));
  const there = found.filter(({ reading, note }) => reading !== null || note !== null);
  const torn = there.filter(({ i, reading, note }) => Number(reading) !== i || note !== noteOf(i));
  return { there: there.length, torn: torn.map((one) => JSON.stringify(one)) };
}

/** All that is seen when nothing is missing. */
export const WIDE = { rows: ROWS, seen: SEEN.length };

/** Of the same sensor always the same, and for a disk as good as random. */
function noteOf(i: number): string {
  return createHash("sha256").update(`note ${i}`).digest("hex");
}
