import { spawn } from "node:child_process";
import type { Server } from "../../lib/server.ts";

const API_PREFIX = "/api/atrium/v1";
const POLL_MS = 100;
const WAIT_MS = 600_000; // A Python environment is built in it; with a cold cache on a busy machine that takes minutes.

export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers of every route, looked into by checks.
  body: any;
  headers: Headers;
}

/** One request to the server with the owner's token, whatever the answer's status. */
export async function ask(
  at: Pick<Server, "url" | "token">,
  route: `${"GET" | "POST" | "PUT" | "PATCH" | "DELETE"} /${string}`,
  ...[body, headers = {}]: [body?: object | string | Buffer, headers?: Record<string, string>]
): Promise<Answer> {
  const [method = "", path = ""] = route.split(" ", 2);
  const isRaw = typeof body === "string" || Buffer.isBuffer(body);
  const answer = await fetch(`${at.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${at.token}`,
      ...(body === undefined
        ? {}
        : { "content-type": isRaw ? "application/octet-stream" : "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: isRaw ? (body as string) : JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: parsed(text), headers: answer.headers };
}

/** Of our own API, which must do it. @throws Error with what the server said */
export async function own(at: Server, route: Parameters<typeof ask>[1], body?: Parameters<typeof ask>[2]) {
  const [method = "", path = ""] = route.split(" ", 2);
  const answer = await ask(at, `${method} ${API_PREFIX}${path}` as typeof route, body);
  if (answer.status < 300) return answer.body;
  throw new Error(`${route}: ${answer.status} ${JSON.stringify(answer.body)}\n${at.output().slice(-2000)}`);
}

/** Asks until it holds. @throws Error with the last answer */
export async function until<T>(look: () => Promise<T>, holds: (found: T) => boolean, withinMs = WAIT_MS) {
  const deadline = performance.now() + withinMs;
  for (let found = await look(); ; found = await look()) {
    if (holds(found)) return found;
    if (performance.now() > deadline) throw new Error(`It did not come: ${JSON.stringify(found)}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Deploys and waits until it takes traffic. @throws Error with the reason for which it failed */
export async function deploy(at: Server, endpoint: string, given: object) {
  const { id } = await own(at, `POST /endpoints/${endpoint}/deployments`, given);
  const look = async () =>
    (await own(at, `GET /endpoints/${endpoint}`)).deployments.find((one: { id: string }) => one.id === id);
  const found = await until(look, (one) => one === undefined || ["ready", "failed"].includes(one.state));
  if (found?.state !== "ready") throw new Error(`${JSON.stringify(found)}\n${at.output().slice(-2000)}`);
  return found;
}

export async function putDataset(at: Server, name: string, rows: readonly object[]): Promise<void> {
  await own(at, "POST /datasets", { name });
  const lines = [Object.keys(rows[0] ?? {}), ...rows.map((row) => Object.values(row))];
  const text = lines.map((cells) => `${cells.join(",")}\n`).join(""); // A null is an empty cell.
  const { version } = await own(at, `POST /datasets/${name}/versions/upload?format=csv`, text);
  await until(
    () => own(at, `GET /datasets/${name}/versions/${version}`),
    ({ state }) => state === "ready",
  );
}

/** A program of the walk, with what clients are set by. @throws Error when it fails */
export async function python({ url, token }: Server, args: readonly string[]): Promise<string> {
  const child = spawn(process.env.PYTHON ?? "", ["-B", ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      ...process.env,
      ATRIUM_URL: url,
      ATRIUM_TOKEN: token,
      MLFLOW_TRACKING_URI: url,
      MLFLOW_TRACKING_TOKEN: token,
      MLFLOW_HTTP_REQUEST_MAX_RETRIES: "0",
      MLFLOW_DISABLE_TELEMETRY: "true",
      MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT: "true",
    },
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const code = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code !== 0) throw new Error(`${args[0]} ended with ${code}.`);
  return output;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
