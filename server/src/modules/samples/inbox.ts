import { timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import { z } from "zod";
import type { Clock } from "#lib/clock";
import { AppError } from "#lib/errors";
import { signatureOf } from "#lib/webhook";
import { SYSTEM } from "#modules/identity";
import type { Projects } from "#modules/projects";
import type { Telemetry } from "#modules/telemetry";
import { SIGNING_SECRET } from "./flights/monitoring.ts";

const BODY_BYTES_MAX = 64 * 1024; // An incident is a kilobyte.
const SKEW_MS = 5 * 60_000; // What standard-webhooks advises: an older message may be somebody's recording.
const SECRET_KEPT_MS = 60_000; // Its reading is recorded, and whoever knocks here needs no token.
const WITHOUT_SIGNATURE = new AppError(
  "unauthenticated",
  "Only messages that carry the signature of the sample's webhook are taken here.",
);

const Alert = z.object({
  event: z.string().max(100),
  incident: z
    .object({
      rule: z.string(),
      monitor: z.string(),
      metric: z.string(),
      value: z.number(),
      threshold: z.number(),
    })
    .optional(),
});

/** Takes one message of the sample's webhook. @throws AppError `unauthenticated`, `invalid` */
export type Inbox = (headers: IncomingHttpHeaders, body: Readable) => Promise<void>;

export interface InboxDeps {
  projects: Pick<Projects, "secretValues">;
  place(): Promise<{ projectId: string } | undefined>;
  clock: Clock;
  writeLog: Telemetry["write"];
  say(line: string): void;
}

/**
 * The receiver that a laptop has not got: it checks a message as any receiver of ours should, and shows it in the project's
 * log and at the terminal.
 * @remarks Headers and signature: standard-webhooks.
 */
export function createInbox({ projects, place, clock, writeLog, say }: InboxDeps): Inbox {
  let known: { secret: string; untilMs: number } | undefined;

  return async (headers, body) => {
    const id = one(headers["webhook-id"]);
    const signature = one(headers["webhook-signature"]);
    const atMs = Number(one(headers["webhook-timestamp"])) * 1000;
    const isFresh = Math.abs(clock.now() - atMs) <= SKEW_MS;
    const at = await place();
    if (!isFresh || id === "" || signature === "" || at === undefined) throw WITHOUT_SIGNATURE;
    const text = await read(body);
    const secret = await secretOf(at.projectId);
    const expected = Buffer.from(signatureOf({ id, secret, body: text, atMs }));
    const given = Buffer.from(signature);
    if (secret === "" || given.length !== expected.length || !timingSafeEqual(given, expected))
      throw WITHOUT_SIGNATURE;
    const message = wordsOf(text);
    say(`  webhook: ${message}`);
    const labels = { role: "webhook", message_id: id };
    writeLog([{ projectId: at.projectId, level: "warn", message, labels }]);
  };

  async function secretOf(projectId: string): Promise<string> {
    const nowMs = clock.now();
    if (known === undefined || known.untilMs < nowMs) {
      const values = await projects
        .secretValues(SYSTEM, projectId, [SIGNING_SECRET])
        .catch((thrown: unknown): Record<string, string> => {
          if (thrown instanceof AppError && thrown.code === "not_found") return {};
          throw thrown;
        });
      known = { secret: values[SIGNING_SECRET] ?? "", untilMs: nowMs + SECRET_KEPT_MS };
    }
    return known.secret;
  }
}

async function read(body: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > BODY_BYTES_MAX)
      throw new AppError("invalid", `A message is at most ${BODY_BYTES_MAX} bytes.`, { at: "body" });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function wordsOf(text: string): string {
  const parsed = Alert.safeParse(parseJson(text));
  if (!parsed.success) throw new AppError("invalid", "The message is no alert.", { at: "body" });
  const { event, incident } = parsed.data;
  if (incident === undefined) return event;
  const { rule, monitor, metric, value, threshold } = incident;
  return `${event}: ${rule} (${monitor}: ${metric} ${value.toFixed(3)}, threshold ${threshold})`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // The schema refuses it with a sentence.
  }
}

function one(header: string | string[] | undefined): string {
  return typeof header === "string" ? header : "";
}
