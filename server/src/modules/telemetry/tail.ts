import type { LogLine } from "@atrium/contract/telemetry";
import { openEventStream } from "#lib/event-stream";
import type { Call } from "#lib/http";
import type { Following } from "./door.ts";

const RECHECK_MS = 10_000; // A revoked session or a lost grant stops hearing lines within this time.
const BUFFERED_BYTES_MAX = 1024 * 1024; // A reader that is slower than the log is cut off; the store has the lines.

type Exchange = Pick<Call<never, never>, "request" | "reply">;

export interface TailOptions {
  /** Throws when the caller may no longer be here: signed out, token revoked. */
  stillSignedIn(request: Exchange["request"]): Promise<unknown>;
}

/** New lines as server-sent events, each a JSON log line, until the reader goes, is too slow, or may no longer read. */
export async function streamLines(
  { request, reply }: Exchange,
  options: TailOptions,
  follow: (listener: (lines: readonly LogLine[]) => void) => Promise<Following>,
): Promise<Exchange["reply"]> {
  const { raw } = reply;
  let early: LogLine[] | undefined = [];
  const send = (lines: readonly LogLine[]): void => {
    if (raw.destroyed || lines.length === 0) return;
    if (raw.writableLength > BUFFERED_BYTES_MAX) raw.destroy();
    else raw.write(lines.map((line) => `id: ${line.id}\ndata: ${JSON.stringify(line)}\n\n`).join(""));
  };
  // A refusal must still be an ordinary answer, so nothing is sent before the following stands.
  const following = await follow((lines) => {
    if (early === undefined) send(lines);
    else early.push(...lines);
  });
  openEventStream(reply);
  send(early);
  early = undefined;
  const recheck = setInterval(() => {
    Promise.all([options.stillSignedIn(request), following.recheck()]).catch(() => raw.end());
  }, RECHECK_MS);
  const end = (): void => {
    clearInterval(recheck);
    following.stop();
  };
  raw.once("close", end);
  if (raw.destroyed) end(); // The reader went while the permission was asked for.
  return reply;
}
