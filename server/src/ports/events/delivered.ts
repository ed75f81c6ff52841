import { AppError } from "#lib/errors";
import type { DeliveredEvent } from "./events.ts";
import type { EventRow } from "./queries.ts";

const DIGITS = 16; // Enough for every whole number of JavaScript; padding makes positions sort as text.

export function deliveredOf(row: EventRow): DeliveredEvent {
  return {
    position: positionText(row.position),
    kind: row.kind,
    projectId: row.project_id,
    key: row.key,
    body: JSON.parse(row.body) as Record<string, unknown>,
    atMs: row.at_ms,
  };
}

function positionText(position: number): string {
  return String(position).padStart(DIGITS, "0");
}

/** @throws AppError `invalid` */
export function readPosition(text: string): number {
  const position = Number(text);
  if (/^\d{16}$/.test(text) && Number.isSafeInteger(position)) return position;
  throw new AppError("invalid", "The position is not one of ours; load afresh and follow without one.", {
    at: "after",
  });
}
