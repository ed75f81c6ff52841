import type { Session } from "@atrium/contract/identity";
import type { Actor } from "./actor.ts";
import type { SessionRow } from "./tables.ts";

export const SESSION_MS = 14 * 24 * 3600 * 1000; // However busy, two weeks; then the password is asked for again.
export const SESSION_IDLE_MS = 24 * 3600 * 1000; // A laptop that is closed on Friday asks again on Monday.

export function isEnded(session: { expiresMs: number; lastUsedMs: number }, nowMs: number): boolean {
  return session.expiresMs <= nowMs || session.lastUsedMs + SESSION_IDLE_MS <= nowMs;
}

export function toSession(row: SessionRow, actor: Actor): Session {
  return {
    id: row.id,
    userId: row.user_id,
    createdMs: row.created_ms,
    lastUsedMs: row.last_used_ms,
    expiresMs: Math.min(row.expires_ms, row.last_used_ms + SESSION_IDLE_MS),
    ip: row.ip,
    userAgent: row.user_agent,
    current: actor.via.kind === "session" && actor.via.id === row.id,
  };
}
