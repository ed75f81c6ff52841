import { Readable } from "node:stream";
import { beforeEach, expect, test } from "vitest";
import { signatureOf } from "#lib/webhook";
import { createInbox, type InboxDeps } from "./inbox.ts";

const NOW_MS = 1_800_000_000_000;
const SECRET = "what both sides know";
const BODY = JSON.stringify({
  event: "incident.opened",
  incident: { rule: "Drift", monitor: "flight-delay", metric: "psi", value: 0.41, threshold: 0.25 },
});

let written: Parameters<InboxDeps["writeLog"]>[0][number][];
let said: string[];
let readings: number;
let take: ReturnType<typeof createInbox>;

beforeEach(() => {
  written = [];
  said = [];
  readings = 0;
  take = createInbox({
    projects: {
      secretValues: async () => {
        readings += 1;
        return { SAMPLE_WEBHOOK: SECRET };
      },
    },
    place: async () => ({ projectId: "p1" }),
    clock: { now: () => NOW_MS },
    writeLog: (entries) => void written.push(...entries),
    say: (line) => said.push(line),
  });
});

interface Sending {
  body?: string;
  atMs?: number;
  secret?: string;
  /** What the signature is of, where that is not the body. */
  signed?: string;
}

function send({ body = BODY, atMs = NOW_MS, secret = SECRET, signed = body }: Sending = {}): Promise<void> {
  const headers = {
    "webhook-id": "m1",
    "webhook-timestamp": String(atMs / 1000),
    "webhook-signature": signatureOf({ id: "m1", secret, body: signed, atMs }),
  };
  return take(headers, Readable.from([Buffer.from(body)]));
}

test("a signed message is shown at the terminal and in the project's log", async () => {
  await send();
  await send();
  expect(written[0]).toMatchObject({ projectId: "p1", level: "warn" });
  expect(said[0]).toContain("incident.opened: Drift (flight-delay: psi 0.410, threshold 0.25)");
  expect(readings).toBe(1);
});

test.each([
  ["that was signed by somebody else", { secret: "another" }],
  ["whose body was changed on its way", { signed: BODY.replace("psi", "mean") }],
  ["that is older than five minutes", { atMs: NOW_MS - 301_000 }],
])("a message %s is refused, and nothing is written", async (_what, given) => {
  await expect(send(given)).rejects.toMatchObject({ code: "unauthenticated" });
  expect([written, said]).toEqual([[], []]);
});

test("without a signature the secret is not even read, and what is too long is not read to its end", async () => {
  await expect(take({}, Readable.from([]))).rejects.toMatchObject({ code: "unauthenticated" });
  await expect(send({ body: "x".repeat(65_537) })).rejects.toMatchObject({ code: "invalid" });
  expect(readings).toBe(0);
});
