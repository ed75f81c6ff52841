import { request } from "node:http";
import { Readable } from "node:stream";

export interface Answer {
  status: number;
  headers: NodeJS.Dict<string | string[]>;
  text: string;
  /** The parsed body; undefined when it is not JSON. */
  json: unknown;
}

export interface Asked {
  method?: string;
  /** Exactly what goes over the wire: `fetch` would tidy it. */
  path: string;
  headers?: Readonly<Record<string, string>>;
  /** An object goes as JSON. */
  body?: object | string | Uint8Array | Readable;
}

export interface Login {
  url: string;
  token?: string | undefined;
}

const ANSWER_TIMEOUT_MS = 120_000; // A server that hangs shall fail its check, not stop all others.

/** One request by a client with no habits of its own. @throws Error when the connection fails */
export function ask(login: Login, asked: Asked): Promise<Answer> {
  const { hostname, port } = new URL(login.url);
  const { bytes, type } = bodyOf(asked.body);
  const headers = {
    ...(login.token === undefined ? {} : { authorization: `Bearer ${login.token}` }),
    ...(type === undefined ? {} : { "content-type": type }),
    ...asked.headers,
  };
  return new Promise((resolve, reject) => {
    const call = request({
      ...{ hostname, port, headers, path: asked.path, method: asked.method ?? "GET" },
      agent: false,
      timeout: ANSWER_TIMEOUT_MS,
    });
    call.once("timeout", () => call.destroy(new Error(`${asked.path.slice(0, 100)}: no answer`)));
    // After an early answer the rest of an upload may break.
    call.on("error", (cause) =>
      reject(new Error(`${call.method} ${asked.path.slice(0, 100)}: ${cause.message}`, { cause })),
    );
    call.once("response", async (response) => {
      try {
        const pieces: Buffer[] = [];
        for await (const piece of response) pieces.push(piece as Buffer);
        const text = Buffer.concat(pieces).toString("utf8");
        resolve({
          ...{ status: response.statusCode ?? 0, headers: response.headers, text },
          json: parsed(text),
        });
      } catch (thrown) {
        reject(thrown);
      }
    });
    if (bytes instanceof Readable) bytes.pipe(call);
    else call.end(bytes);
  });
}

/** A call of the mlflow protocol. */
export function mlflow(login: Login, call: string, body?: object): Promise<Answer> {
  const path = `/api/2.0/mlflow/${call}`;
  return ask(login, body === undefined ? { path } : { method: "POST", path, body });
}

export function artifactPath(path: string): string {
  return `/api/2.0/mlflow-artifacts/artifacts/${path}`;
}

export async function newRun(login: Login): Promise<string> {
  const made = await mlflow(login, "runs/create", { experiment_id: "0", start_time: Date.now() });
  return must<{ run: { info: { run_id: string } } }>(made).run.info.run_id;
}

/** The body of an answer that was no refusal. @throws Error with what it was */
export function must<T>(answer: Answer): T {
  if (answer.status >= 300) throw new Error(`${answer.status} ${answer.text.slice(0, 300)}`);
  return answer.json as T;
}

/** True when the whole audit chain stands. */
export async function auditVerifies(login: Login): Promise<boolean> {
  const answer = await ask(login, { method: "POST", path: "/api/atrium/v1/audit/verify" });
  return answer.status === 200 && (answer.json as { intact: boolean }).intact;
}

/** Asks until it holds. @returns how long that took, or undefined when it never did */
export async function eventually(
  holds: () => Promise<boolean>,
  withinMs: number,
): Promise<number | undefined> {
  const begun = performance.now();
  while (performance.now() - begun < withinMs) {
    if (await holds().catch(() => false)) return Math.round(performance.now() - begun);
    await pause(50);
  }
  return undefined;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function bodyOf(body: Asked["body"]): { bytes?: string | Uint8Array | Readable; type?: string } {
  if (body === undefined) return {};
  if (typeof body === "string") return { bytes: body, type: "text/plain" };
  if (body instanceof Uint8Array || body instanceof Readable) {
    return { bytes: body, type: "application/octet-stream" };
  }
  return { bytes: JSON.stringify(body), type: "application/json" };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
