import { readFileSync } from "node:fs";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { type Answer, addressOf, errorOf, type Input, type LooseInput } from "@atrium/contract/client";
import type { Endpoint } from "@atrium/contract/http";
import { currentServer } from "./credentials.ts";
import { Failure } from "./failure.ts";

/** The server that commands talk to. */
export interface Server {
  url: string;
  /** The project that was chosen by flag, environment or `atrium project use`. */
  project: string;
  /** Calls one operation of the contract. @throws Failure in the server's words */
  call<E extends Endpoint>(endpoint: E, input: Input<E>): Promise<Answer<E>>;
  /** Calls one operation whose answer is a stream of text or bytes. */
  stream<E extends Endpoint>(endpoint: E, input: Input<E>): Promise<ReadableStream<Uint8Array>>;
  /** Sends bytes to an operation that takes a body of any kind. @throws Failure in the server's words */
  upload(endpoint: Endpoint, input: LooseInput, bytes: Uint8Array): Promise<void>;
  /** Sends a file, read as it goes, to an operation that takes a body of any kind. @throws Failure in the server's words */
  sendFile<E extends Endpoint>(endpoint: E, input: Input<E>, file: Blob): Promise<Answer<E>>;
  /** Any address of the server, such as `/readyz`; refusals are answers here. */
  fetch(path: string): Promise<Response>;
}

const DEFAULT_PROJECT = "default";
const UPLOAD_TIMEOUT_MS = 10 * 60_000; // A hundred mebibytes over a slow line.
const TIMEOUT_MS = 60_000; // Verifying a long audit trail is the slowest thing that answers in one piece.

export interface ServerChoice {
  url: string;
  token?: string | undefined;
  caFile?: string | undefined;
  project?: string | undefined;
}

/** Prepares to talk to the server that flags, environment or `atrium login` name. Nothing is sent yet. */
export function connect(choice: ServerChoice = currentServer()): Server {
  if (!/^https?:\/\//.test(choice.url) || !URL.canParse(choice.url)) {
    throw new Failure(`'${choice.url}' is not an address; write it like http://127.0.0.1:7400.`);
  }
  if (choice.caFile !== undefined) trust(choice.caFile);
  const send = (endpoint: Endpoint, input: LooseInput, signal?: AbortSignal) =>
    request(choice, addressOf(endpoint.path, input), {
      method: endpoint.method,
      ...(input.body === undefined ? {} : { body: JSON.stringify(input.body) }),
      signal: signal ?? null,
    });
  return {
    url: choice.url,
    project: choice.project ?? DEFAULT_PROJECT,
    async call(endpoint, input) {
      const response = await send(endpoint, input, AbortSignal.timeout(TIMEOUT_MS));
      return answerOf(choice, endpoint, response);
    },
    async sendFile(endpoint, input, file) {
      const response = await request(choice, addressOf(endpoint.path, input), {
        method: endpoint.method,
        body: file,
        headers: { "content-type": "application/octet-stream" },
      });
      return answerOf(choice, endpoint, response);
    },
    async stream(endpoint, input) {
      const response = await send(endpoint, input);
      await refuse(response);
      if (response.body === null) throw new Failure("The server sent nothing.");
      return response.body;
    },
    async upload(endpoint, input, bytes) {
      const response = await request(choice, addressOf(endpoint.path, input), {
        method: endpoint.method,
        body: new Uint8Array(bytes),
        headers: { "content-type": "application/octet-stream" },
        signal: AbortSignal.timeout(UPLOAD_TIMEOUT_MS),
      });
      await refuse(response);
      await response.body?.cancel();
    },
    fetch: (path) => request(choice, path, { signal: AbortSignal.timeout(TIMEOUT_MS) }),
  };
}

async function answerOf<E extends Endpoint>(
  choice: ServerChoice,
  endpoint: E,
  response: Response,
): Promise<Answer<E>> {
  await refuse(response);
  const answer = endpoint.answer.safeParse(
    response.status === 204 ? {} : await response.json().catch(() => undefined),
  );
  if (answer.success) return answer.data as Answer<E>;
  throw new Failure(`${choice.url} answers in another form than this command knows; use its own version.`);
}

async function request(choice: ServerChoice, path: string, init: RequestInit): Promise<Response> {
  const headers: Record<string, string> = { accept: "*/*", ...(init.headers as Record<string, string>) };
  if (choice.token !== undefined) headers.authorization = `Bearer ${choice.token}`;
  if (init.body !== undefined) headers["content-type"] ??= "application/json";
  try {
    return await fetch(new URL(path, choice.url), { ...init, headers, redirect: "error" });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "TimeoutError") {
      throw new Failure(`${choice.url} did not answer within ${TIMEOUT_MS / 1000} seconds.`);
    }
    throw new Failure(`Cannot reach ${choice.url}: ${reasonOf(cause)}`);
  }
}

/** Passes a good answer; a refusal becomes a Failure in the server's own words. */
async function refuse(response: Response): Promise<void> {
  if (response.ok) return;
  const answer: unknown = await response.json().catch(() => undefined);
  const { code, message } = errorOf(response.status, answer);
  if (code === "unauthenticated") throw new Failure(`${message} Here: atrium login, or set ATRIUM_TOKEN.`);
  throw new Failure(message);
}

function reasonOf(thrown: unknown): string {
  const cause = thrown instanceof Error ? (thrown.cause ?? thrown) : thrown;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  if (code === "ECONNREFUSED") return "nothing listens there. Start it with: atrium up";
  if (code === "ENOTFOUND") return "there is no such name.";
  if (/CERT|SIGNED|ISSUER/.test(code)) {
    return `its certificate is not trusted (${code}). Name its authority: atrium login --ca FILE`;
  }
  return cause instanceof Error ? cause.message : String(cause);
}

function trust(caFile: string): void {
  try {
    setDefaultCACertificates([...getCACertificates(), readFileSync(caFile, "utf8")]);
  } catch (cause) {
    throw new Failure(
      `Cannot use the authority in ${caFile}: ${cause instanceof Error ? cause.message : cause}`,
    );
  }
}
