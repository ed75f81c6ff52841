import { type Answer, artifactPath, ask, eventually, type Login, mlflow, must, newRun } from "./client.ts";
import { echoModel } from "./echo-model.ts";

const API = "/api/atrium/v1";
const READY_MS = 120_000; // A version, a materialization, an engine: each takes a second or two, on a busy machine many.

/** What clients have put into the stores beside the database: online values, and predictions that were answered. */
export interface StoresLedger {
  /** The newest acknowledged value of each entity. */
  pushed: Map<string, number>;
  predictions: { id: string; note: string }[];
}

export function emptyStores(): StoresLedger {
  return { pushed: new Map(), predictions: [] };
}

export const NAMES = { dataset: "sensors", view: "sensor_now", source: "sensor_stream", endpoint: "echo" };

/** A dataset, a view over it that takes pushes, and an endpoint that answers with what it was asked. */
export async function prepareStores(login: Login): Promise<void> {
  await prepareFeatures(login);
  await prepareEndpoint(login);
}

export async function prepareFeatures(login: Login, word = "quiet"): Promise<void> {
  must(await own(login, "POST /datasets", { name: NAMES.dataset }));
  const rows = `sensor_id,at,level,place\ns0,2026-01-01 00:00:00,0,${word}\n`;
  const upload = `/datasets/${NAMES.dataset}/versions/upload?format=csv`;
  const { version } = must<{ version: number }>(await own(login, `POST ${upload}`, Buffer.from(rows)));
  await reaches(login, `/datasets/${NAMES.dataset}/versions/${version}`, "ready");
  const joinKeys = [{ name: "sensor_id", type: "string" }];
  must(await own(login, "POST /features/entities", { name: "sensor", joinKeys }));
  const view = {
    name: NAMES.view,
    entities: ["sensor"],
    source: { dataset: NAMES.dataset, timestampColumn: "at" },
    features: [
      { name: "level", type: "int64" },
      { name: "place", type: "string" },
    ],
    pushSource: NAMES.source,
  };
  must(await own(login, "POST /features/views", view));
}

export async function prepareEndpoint(login: Login): Promise<void> {
  const run = await newRun(login);
  const file = artifactPath(`0/${run}/artifacts/model/model.onnx`);
  must(await ask(login, { method: "PUT", path: file, body: echoModel("note") }));
  must(await mlflow(login, "registered-models/create", { name: "echo" }));
  const source = `mlflow-artifacts:/0/${run}/artifacts/model`;
  must(await mlflow(login, "model-versions/create", { name: "echo", source, run_id: run }));
  must(await own(login, "POST /endpoints", { name: NAMES.endpoint }));
  must(await own(login, `POST /endpoints/${NAMES.endpoint}/deployments`, { model: "models:/echo/1" }));
  await answers(login);
}

/** Waits until the endpoint's engine is up. @throws Error with what it said last */
export async function answers(login: Login): Promise<void> {
  let last = "";
  const up = await eventually(async () => {
    const answer = await predict(login, "hello");
    last = answer.text;
    return answer.status === 200;
  }, READY_MS);
  if (up === undefined) throw new Error(`The endpoint does not answer: ${last}`);
}

export function predict(login: Login, note: string): Promise<Answer> {
  return own(login, `POST /endpoints/${NAMES.endpoint}/predict`, { instances: [{ note }] });
}

/** Of our own API, by method and path; an upload's bytes go as they are. */
export function own(
  login: Login,
  route: `${"GET" | "POST"} ${string}`,
  body?: object | Buffer,
): Promise<Answer> {
  const [method = "", path = ""] = route.split(" ", 2);
  return ask(login, { method, path: `${API}${path}`, ...(body === undefined ? {} : { body }) });
}

export async function reaches(login: Login, path: string, state: string): Promise<void> {
  let last = "";
  const holds = await eventually(async () => {
    const answer = await own(login, `GET ${path}`);
    last = answer.text;
    return must<{ state: string }>(answer).state === state;
  }, READY_MS);
  if (holds === undefined) throw new Error(`${path} did not become ${state}: ${last}`);
}

export function push(
  login: Login,
  row: { sensor: string; level: number; place: string },
  to = "online",
): Promise<Answer> {
  const at = new Date().toISOString().slice(0, -1).replace("T", " ");
  const df = { sensor_id: [row.sensor], at: [at], level: [row.level], place: [row.place] };
  const body = { push_source_name: NAMES.source, df, to };
  return ask(login, { method: "POST", path: "/feast/push", body });
}

const SENSORS = 500;

/** Pushes ever newer values, as a stream does. It throws when the server goes, or refuses. */
export async function pushWithoutEnd(login: Login, ledger: StoresLedger): Promise<never> {
  for (let level = 1; ; level += 1) {
    const sensor = `s${level % SENSORS}`;
    accepted(await push(login, { sensor, level, place: `place ${level}` }));
    ledger.pushed.set(sensor, level);
  }
}

export async function predictWithoutEnd(login: Login, ledger: StoresLedger): Promise<never> {
  for (let i = 0; ; i += 1) {
    const note = `note ${i} ${"x".repeat(i % 2000)}`;
    const { predictions } = accepted<{ predictions: { predictionId: string }[] }>(await predict(login, note));
    ledger.predictions.push({ id: predictions[0]?.predictionId ?? "", note });
  }
}

/** What the ledger holds and the server does not, or holds otherwise, one line each. */
export async function missingInStores(
  login: Login,
  { pushed, predictions }: StoresLedger,
): Promise<string[]> {
  const lost: string[] = [];
  const sensors = [...pushed.keys()];
  const asked = {
    features: [`${NAMES.view}:level`, `${NAMES.view}:place`],
    entities: { sensor_id: sensors },
  };
  const got = await ask(login, { method: "POST", path: "/feast/get-online-features", body: asked });
  const { results } = must<{ results: { values: (string | number | null)[] }[] }>(got);
  const [, levels, places] = results;
  for (const [i, sensor] of sensors.entries()) {
    const [level, place] = [levels?.values[i], places?.values[i]];
    // It may be a later one: pushes went on.
    if (Number(level ?? -1) < (pushed.get(sensor) ?? 0)) lost.push(`${sensor} is ${level}`);
    if (place !== `place ${level}`) lost.push(`${sensor} is torn: ${level} and ${place}`);
  }
  const logged = await loggedNotes(login);
  for (const { id, note } of predictions) {
    const found = logged.get(id);
    if (found !== note) lost.push(`prediction ${id}: ${found?.slice(0, 40)} for ${note.slice(0, 40)}`);
  }
  return lost;
}

/** The prediction log as it is read, by id. */
export async function loggedNotes(login: Login): Promise<Map<string, string>> {
  const notes = new Map<string, string>();
  for (let token = ""; ; ) {
    const page = token === "" ? "" : `&pageToken=${encodeURIComponent(token)}`;
    const got = await own(login, `GET /endpoints/${NAMES.endpoint}/predictions?pageSize=200${page}`);
    type Logged = { predictionId: string; inputs: { note?: string } };
    const { items, nextToken } = must<{ items: Logged[]; nextToken?: string }>(got);
    for (const { predictionId, inputs } of items) notes.set(predictionId, String(inputs.note));
    if (nextToken === undefined) return notes;
    token = nextToken;
  }
}

function accepted<T>(answer: Answer): T {
  if (answer.status >= 300) throw new Error(`refused: ${answer.status} ${answer.text.slice(0, 300)}`);
  return answer.json as T;
}
