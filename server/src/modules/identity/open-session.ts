import { newId } from "#lib/ids";
import type { Tx } from "#ports/database";
import type { Actor } from "./actor.ts";
import { sessionCookie } from "./cookie.ts";
import type { SignedIn } from "./door.ts";
import type { Inner } from "./inner.ts";
import * as sessions from "./queries/sessions.ts";
import { changeUser } from "./queries/users.ts";
import { hashSecret, newSecret } from "./secret.ts";
import { SESSION_MS } from "./session.ts";
import type { UserRow } from "./tables.ts";

const SESSIONS_EACH_MAX = 100; // Scripts that sign in for every call push out the oldest.
const USER_AGENT_MAX = 300;

/** Opens a session for a user. The one that the browser had before ends: nobody slips a known one under a new login. */
export async function openSession(
  tx: Tx,
  from: Actor,
  given: { inner: Inner; user: UserRow; by: "password" | "link" | "invitation" | "reset" },
): Promise<SignedIn> {
  const { inner, user, by } = given;
  const { clock, connection, tell } = inner;
  const nowMs = clock.now();
  const secret = newSecret();
  const id = newId();
  if (from.via.kind === "session") await sessions.endSession(tx, from.via.id);
  await sessions.addSession(tx, {
    id,
    secret_hash: hashSecret(secret),
    user_id: user.id,
    created_ms: nowMs,
    last_used_ms: nowMs,
    expires_ms: nowMs + SESSION_MS,
    ip: from.request.ip,
    user_agent: from.request.userAgent.slice(0, USER_AGENT_MAX).replaceAll("\0", ""),
  });
  await sessions.endOldestSessions(tx, user.id, SESSIONS_EACH_MAX);
  await changeUser(tx, user.id, { last_sign_in_ms: nowMs });
  const signedIn: Actor = {
    kind: "user",
    id: user.id,
    name: user.display_name,
    via: { kind: by === "password" ? "password" : "link", id },
    request: from.request,
  };
  await tell(tx, signedIn, {
    action: from.via.kind === "session" ? "session.rotated" : "session.created",
    resource: { type: "session", id },
    details: { by },
  });
  return {
    userId: user.id,
    displayName: user.display_name,
    cookie: sessionCookie(connection, secret, SESSION_MS),
  };
}
