import type { Session } from "@atrium/contract/identity";
import { AppError } from "#lib/errors";
import type { Page } from "#lib/paging";
import type { Actor } from "./actor.ts";
import type { PageAsked, Sessions } from "./door.ts";
import type { Inner } from "./inner.ts";
import { positionOf, toPage } from "./pages.ts";
import * as queries from "./queries/sessions.ts";
import { SESSION_IDLE_MS, toSession } from "./session.ts";

const INSTANCE = { kind: "instance" } as const;

export function createSessions(inner: Inner): Sessions {
  const { db, clock, access, tell } = inner;
  return { list, revoke };

  async function list(
    actor: Actor,
    asked: PageAsked & { userId?: string | undefined },
  ): Promise<Page<Session>> {
    const { userId = actor.id, pageSize, pageToken } = asked;
    if (userId !== actor.id) await access.require(actor, "user:write", INSTANCE);
    const nowMs = clock.now();
    const rows = await queries.sessionsPage(db.reader, {
      userId,
      nowMs,
      idleSinceMs: nowMs - SESSION_IDLE_MS,
      before: positionOf(pageToken, 1)?.[0],
      limit: pageSize + 1,
    });
    return toPage(rows, pageSize, { item: (row) => toSession(row, actor), position: (row) => [row.id] });
  }

  async function revoke(actor: Actor, id: string): Promise<void> {
    const standing = (await queries.sessionById(db.reader, id)) ?? missing();
    if (standing.user_id === actor.id) access.requireWhole(actor);
    else if (!(await access.can(actor, "user:write", INSTANCE))) missing();
    await db.transaction(async (tx) => {
      if (!(await queries.endSession(tx, id))) missing();
      await tell(tx, actor, {
        action: "session.ended",
        resource: { type: "session", id },
        details: { userId: standing.user_id },
      });
    });
  }
}

function missing(): never {
  throw new AppError("not_found", "There is no such session, or you may not see it.");
}
