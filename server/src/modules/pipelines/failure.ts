import { AppError } from "#lib/errors";
import type { Jobs } from "#modules/compute";
import { actorOf } from "./carry-out.ts";
import type { RunRow } from "./tables.ts";

const PIECES_MAX = 8; // Of a MiB each; who printed more than that is told less.
const WORDS_MAX = 500;

/**
 * Why a step's job failed, in one sentence: where the command itself ended badly, the last line that it printed says
 * more than its status, as Python prints the error there.
 */
export async function failureOf(
  jobs: Pick<Jobs, "get" | "log">,
  row: RunRow,
  jobId: string,
): Promise<string> {
  const actor = actorOf(row);
  const { reason, exitCode } = await jobs.get(actor, row.project_id, jobId);
  const why = reason ?? "Its job failed.";
  if (exitCode === null) return why;
  const line = lastLine(await endOfLog(jobs, row, jobId));
  return line === "" ? why : `${line} ${why}`;
}

async function endOfLog(jobs: Pick<Jobs, "log">, row: RunRow, jobId: string): Promise<string> {
  const actor = actorOf(row);
  let text = "";
  let from = 0;
  try {
    for (let piece = 0; piece < PIECES_MAX; piece += 1) {
      const read = await jobs.log(actor, row.project_id, { jobId, from, waitMs: 0 });
      text = read.text;
      if (read.complete) return text;
      if (read.next === from) break;
      from = read.next;
    }
    return "";
  } catch (thrown) {
    // The log is a help to people; without it the step has failed all the same.
    if (thrown instanceof AppError && thrown.code !== "unavailable") return "";
    throw thrown;
  }
}

function lastLine(text: string): string {
  const line = text.trimEnd().split("\n").at(-1)?.trim() ?? "";
  if (line === "") return "";
  const short = line.length > WORDS_MAX ? `${line.slice(0, WORDS_MAX)}…` : line;
  return /[.!?…]$/.test(short) ? short : `${short}.`;
}
