import { createHmac } from "node:crypto";
import { lookup } from "node:dns/promises";
import { readFileSync } from "node:fs";
import { type RequestOptions, request as requestPlain } from "node:http";
import { request as requestTls } from "node:https";
import { isIP } from "node:net";
import { isPublic } from "./address.ts";
import { AppError } from "./errors.ts";

const TIMEOUT_MS = 10_000; // Receivers should answer at once and work later; a worker's round waits for the slowest.
const BATCH = 20; // Sent at the same time: a receiver that hangs holds up these and no more.
const ATTEMPTS_MAX = 8;
const FIRST_PAUSE_MS = 5000; // Doubled with each attempt: the last one is made after about ten minutes.
const ERROR_CHARACTERS_MAX = 500;

/** Where a webhook may lead though it lies inside. */
export interface Inside {
  /** Hosts, as they stand in addresses, that may be in a private network. */
  privateHosts: readonly string[];
  /** Of this server: it takes nothing without a token or a signature, so it needs no allowing. */
  own?: OwnAddress | undefined;
}

export interface OwnAddress {
  url: string;
  /** PEM, where the server has a certificate of its own authority. */
  authorityFile?: string | undefined;
}

/** What the headers are called that prove who sends. */
export interface WebhookHeaders {
  id: string;
  timestamp: string;
  signature: string;
}

/** @remarks standard-webhooks */
const STANDARD: WebhookHeaders = {
  id: "webhook-id",
  timestamp: "webhook-timestamp",
  signature: "webhook-signature",
};

export interface Message extends Inside {
  /** The same for every try, so that a receiver can tell a repetition. */
  id: string;
  url: string;
  /** Without one the message is not signed. */
  secret: string | undefined;
  body: string;
  /** When this try is made, milliseconds since 1970. */
  atMs: number;
  headers?: WebhookHeaders | undefined;
}

/** `again`: it may work later. `never`: the same would happen again. */
export type Sent =
  | { outcome: "delivered"; status: number }
  | { outcome: "again" | "never"; status?: number; error: string };

export type Resolve = (host: string) => Promise<readonly { address: string; family: number }[]>;

/**
 * Posts a signed message once. The connection goes to the very address that was checked, so that a name which means
 * another one a moment later leads nowhere; redirects are not followed, and of the answer only its status is read.
 * @remarks Signature: standard-webhooks, `v1,<base64 of HMAC-SHA256 over id.time.body>`.
 */
export async function sendWebhook(message: Message, resolve: Resolve = resolveAll): Promise<Sent> {
  const problem = webhookProblem(message.url, message);
  if (problem !== undefined) return { outcome: "never", error: problem };
  const url = new URL(message.url);
  const host = hostOf(url);
  try {
    const found = isIP(host) === 0 ? await resolve(host) : [{ address: host, family: isIP(host) }];
    if (found.some(({ address }) => !isPublic(address)) && !mayBeInside(url, message))
      return { outcome: "never", error: isInside(host) };
    const [address] = found;
    if (address === undefined) return { outcome: "again", error: `The name ${host} has no address.` };
    return judge(await post(message, url, address));
  } catch (thrown) {
    return { outcome: "again", error: wordsOf(thrown) };
  }
}

/** What is wrong with an address before anybody asks where its name leads; undefined when nothing is. */
export function webhookProblem(text: string, inside: Inside): string | undefined {
  const url = URL.parse(text);
  if (url === null) return "That is no address; write https://host/path.";
  if (!["http:", "https:"].includes(url.protocol) || url.username !== "" || url.password !== "")
    return "The address must be http or https, without a name or password in it.";
  const host = hostOf(url);
  if (isIP(host) !== 0 && !isPublic(host) && !mayBeInside(url, inside)) return isInside(host);
  return undefined;
}

/** A delivery that waits for its first try. */
export function newlyDue(nowMs: number) {
  return {
    state: "pending" as const,
    attempts: 0,
    created_ms: nowMs,
    next_ms: nowMs,
    ended_ms: null,
    last_status: null,
    last_error: "",
  };
}

/** Sends what is due, batch after batch; what the database could not keep of it stays due. */
export async function sendAllDue<Row>(
  signal: AbortSignal,
  { due, send }: { due(most: number): Promise<readonly Row[]>; send(row: Row): Promise<void> },
): Promise<void> {
  for (;;) {
    const rows = await due(BATCH);
    if (rows.length === 0 || signal.aborted) return;
    const problems = await Promise.allSettled(rows.map(send));
    const failed = problems.find((one) => one.status === "rejected");
    if (failed !== undefined) throw failed.reason; // The database is away; the next round goes on.
  }
}

/** What a try came to that threw before anything was sent. */
export function sentNothing(thrown: unknown): Sent {
  if (!(thrown instanceof AppError)) return { outcome: "again", error: "It could not be tried." };
  const isPassing = ["unavailable", "exhausted", "internal"].includes(thrown.code);
  return { outcome: isPassing ? "again" : "never", error: thrown.message };
}

/** What becomes of a delivery by a try of it. */
export function afterTry(before: { attempts: number }, sent: Sent, nowMs: number) {
  const attempts = before.attempts + 1;
  const isOver = sent.outcome !== "again" || attempts >= ATTEMPTS_MAX;
  const state: "delivered" | "failed" | "pending" =
    sent.outcome === "delivered" ? "delivered" : isOver ? "failed" : "pending";
  return {
    state,
    attempts,
    next_ms: nowMs + FIRST_PAUSE_MS * 2 ** before.attempts,
    ended_ms: state === "pending" ? null : nowMs,
    last_status: sent.status ?? null,
    last_error: (sent.outcome === "delivered" ? "" : sent.error).slice(0, ERROR_CHARACTERS_MAX),
  };
}

/** What a receiver computes too. @param secret text, or base64 behind `whsec_` */
export function signatureOf(message: Pick<Message, "id" | "body" | "atMs"> & { secret: string }): string {
  const { id, secret, body, atMs } = message;
  const prefix = "whsec_";
  const key = secret.startsWith(prefix)
    ? Buffer.from(secret.slice(prefix.length), "base64")
    : Buffer.from(secret);
  const signed = `${id}.${Math.floor(atMs / 1000)}.${body}`;
  return `v1,${createHmac("sha256", key).update(signed).digest("base64")}`;
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, "");
}

function isInside(host: string): string {
  return `${host} is in a private network; a maintainer may allow it in the project's settings.`;
}

function mayBeInside(url: URL, inside: Inside): boolean {
  return inside.privateHosts.includes(hostOf(url)) || isOwn(inside, url);
}

function isOwn({ own }: Inside, { origin }: URL): boolean {
  return own !== undefined && new URL(own.url).origin === origin;
}

function post(message: Message, url: URL, pinned: { address: string; family: number }): Promise<number> {
  const authority = isOwn(message, url) ? message.own?.authorityFile : undefined;
  const { headers = STANDARD, secret } = message;
  const options: RequestOptions & { ca?: Buffer } = {
    ...(authority === undefined ? {} : { ca: readFileSync(authority) }),
    method: "POST",
    agent: false,
    signal: AbortSignal.timeout(TIMEOUT_MS),
    headers: {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(message.body),
      "user-agent": "Atrium",
      [headers.id]: message.id,
      [headers.timestamp]: String(Math.floor(message.atMs / 1000)),
      ...(secret === undefined ? {} : { [headers.signature]: signatureOf({ ...message, secret }) }),
    },
    lookup: (_host, { all }, answer) => {
      if (all === true) answer(null, [pinned]);
      else answer(null, pinned.address, pinned.family);
    },
  };
  return new Promise((resolve, reject) => {
    const asked = (url.protocol === "https:" ? requestTls : requestPlain)(url, options, (response) => {
      resolve(response.statusCode ?? 0);
      response.destroy();
    });
    asked.once("error", reject);
    asked.end(message.body);
  });
}

function judge(status: number): Sent {
  if (status >= 200 && status < 300) return { outcome: "delivered", status };
  const error = `The receiver answered ${status}.`;
  if (status >= 300 && status < 400)
    return { outcome: "never", status, error: `${error} Redirects are not followed.` };
  const isPassing = status >= 500 || [408, 425, 429].includes(status);
  return { outcome: isPassing ? "again" : "never", status, error };
}

function resolveAll(host: string): Promise<{ address: string; family: number }[]> {
  return lookup(host, { all: true });
}

/** A network's words; the address itself may hold a secret and stays out. */
function wordsOf(thrown: unknown): string {
  if (thrown instanceof Error && thrown.name === "TimeoutError")
    return `No answer within ${TIMEOUT_MS / 1000} seconds.`;
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "unknown";
  return `The receiver could not be reached: ${code}.`;
}
