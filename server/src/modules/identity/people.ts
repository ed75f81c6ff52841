import type { Me, User } from "@atrium/contract/identity";
import { AppError } from "#lib/errors";
import type { Page } from "#lib/paging";
import { isUniqueViolation, type Tx } from "#ports/database";
import type { Actor } from "./actor.ts";
import type { PageAsked, People } from "./door.ts";
import { listed } from "./holdings.ts";
import type { Inner } from "./inner.ts";
import { createInvitations } from "./invitations.ts";
import { makeLink } from "./links.ts";
import { openSession } from "./open-session.ts";
import { keepAnOwner } from "./owners.ts";
import { positionOf, toPage } from "./pages.ts";
import { loadPrincipal } from "./principals.ts";
import * as links from "./queries/links.ts";
import * as sessions from "./queries/sessions.ts";
import * as users from "./queries/users.ts";
import type { UserRow } from "./tables.ts";
import { addressGroup } from "./throttle.ts";
import { rename, toUser } from "./user.ts";

const INSTANCE = { kind: "instance" } as const;

export function createPeople(inner: Inner): People {
  const { db, clock, access, tell, directory, passwords, passwordCheck } = inner;
  return {
    me,
    updateMe,
    changePassword,
    list,
    get,
    update,
    createResetLink,
    ...createInvitations(inner),
  };

  async function me(actor: Actor, project: string | undefined): Promise<Me> {
    const asked = project === undefined ? undefined : await directory.resolve(project);
    const { kind } = actor;
    if (kind === "anonymous") throw new AppError("unauthenticated", "Sign in first.");
    const user = kind === "user" ? await users.userById(db.reader, actor.id) : undefined;
    return {
      kind,
      id: actor.id,
      name: actor.name,
      ...(user && { email: user.email }),
      hasPassword: typeof user?.password_hash === "string",
      via: actor.via.kind,
      permissions: await access.summary(actor, asked?.id),
    };
  }

  async function updateMe(
    actor: Actor,
    changes: { displayName?: string | undefined; email?: string | undefined },
  ): Promise<User> {
    requireUser(actor);
    access.requireWhole(actor);
    return change(actor, actor.id, { action: "user.updated", to: (user) => rename(user, changes) });
  }

  /** Everything that the old password may have opened ends; the session that asked goes on under a new cookie. */
  async function changePassword(
    actor: Actor,
    given: { current?: string | undefined; next: string },
  ): Promise<{ cookie?: string }> {
    requireUser(actor);
    access.requireWhole(actor);
    const before = (await users.userById(db.reader, actor.id)) ?? missing();
    if (before.password_hash !== null) {
      if (given.current === undefined) {
        throw new AppError("invalid", "Type the current password too.", { at: "current" });
      }
      await passwordCheck.once({ email: before.email, password: given.current }, actor).catch((thrown) => {
        if (!(thrown instanceof AppError) || thrown.code !== "unauthenticated") throw thrown;
        throw new AppError("invalid", "This is not the current password.", { at: "current", cause: thrown });
      });
    }
    const hash = await passwords.hash(given.next, addressGroup(actor.request.ip));
    return db.transaction(async (tx) => {
      const user = (await users.userToChange(tx, actor.id)) ?? missing();
      if (user.password_hash !== before.password_hash) {
        throw new AppError("conflict", "The password was changed meanwhile; sign in with the new one.");
      }
      await users.changeUser(tx, actor.id, { password_hash: hash });
      await sessions.endSessionsOf(tx, actor.id);
      await links.endLinksOf(tx, actor.id);
      const next =
        actor.via.kind === "session"
          ? await openSession(tx, actor, { inner, user, by: "password" })
          : undefined;
      await tell(tx, actor, {
        action: "user.password-changed",
        resource: { type: "user", id: user.id, name: user.display_name },
      });
      return next === undefined ? {} : { cookie: next.cookie };
    });
  }

  async function list(
    actor: Actor,
    asked: PageAsked & { text?: string | undefined; state?: User["state"] | undefined },
  ): Promise<Page<User>> {
    const { text, state, pageSize, pageToken } = asked;
    const places = await access.seen(actor, "user:read");
    const rows = await users.usersPage(text ? db.longReader : db.reader, {
      text,
      state,
      after: positionOf(pageToken, 1)?.[0],
      ...(places && { seen: { ...places, ids: [actor.id] } }),
      limit: pageSize + 1,
    });
    return toPage(rows, pageSize, { item: toUser, position: (row) => [row.email_key] });
  }

  async function get(actor: Actor, id: string): Promise<User> {
    const places = await access.seen(actor, "user:read");
    const seen = places && { ...places, ids: [actor.id] };
    const row = await users.userSeen(db.reader, id, seen);
    return toUser(row ?? missing());
  }

  async function update(
    actor: Actor,
    id: string,
    changes: { displayName?: string | undefined; state?: User["state"] | undefined },
  ): Promise<User> {
    await access.require(actor, "user:write", INSTANCE);
    const { displayName, state } = changes;
    if (state !== undefined) await requireStronger(actor, id, `make this user ${state}`);
    const action =
      state === undefined ? "user.updated" : state === "active" ? "user.restored" : "user.suspended";
    return change(actor, id, {
      action,
      to: (user) => ({ ...rename(user, { displayName }), ...(state && { state }) }),
      also: async (tx, user) => {
        if (state !== "suspended") return;
        if (user.state === "active") await keepAnOwner(tx, id);
        await sessions.endSessionsOf(tx, id);
        await links.endLinksOf(tx, id);
      },
    });
  }

  /** Whoever can set somebody's password can be them: so they must hold all that these hold. */
  async function createResetLink(actor: Actor, id: string): Promise<{ path: string; expiresMs: number }> {
    await access.require(actor, "user:write", INSTANCE);
    await requireStronger(actor, id, "make a password link for this user");
    return db.transaction(async (tx) => {
      const user = (await users.userToChange(tx, id)) ?? missing();
      if (user.state !== "active") {
        throw new AppError("conflict", `${user.display_name} is suspended; let them in again first.`);
      }
      await links.endLinks(tx, "password-reset", id);
      const { email } = user;
      const made = await makeLink(tx, actor, {
        kind: "password-reset",
        email,
        userId: id,
        nowMs: clock.now(),
      });
      await tell(tx, actor, {
        action: "link.created",
        resource: { type: "link", id: made.id },
        details: { kind: "password-reset", userId: id },
      });
      return { path: made.path, expiresMs: made.row.expires_ms };
    });
  }

  async function requireStronger(actor: Actor, userId: string, deed: string): Promise<void> {
    if (userId === actor.id) return access.requireWhole(actor);
    const { holdings } = (await loadPrincipal(db.reader, "user", userId)) ?? missing();
    await access.requireAll(actor, listed(holdings), deed);
  }

  async function change(
    actor: Actor,
    id: string,
    how: {
      action: string;
      to: (user: UserRow) => Partial<UserRow>;
      also?: (tx: Tx, user: UserRow) => Promise<void>;
    },
  ): Promise<User> {
    try {
      return await db.transaction(async (tx) => {
        const user = (await users.userToChange(tx, id)) ?? missing();
        const changes = how.to(user);
        await how.also?.(tx, user);
        await users.changeUser(tx, id, changes);
        const changed = { ...user, ...changes };
        await tell(tx, actor, {
          action: how.action,
          resource: { type: "user", id, name: changed.display_name },
        });
        return toUser(changed);
      });
    } catch (thrown) {
      if (!isUniqueViolation(thrown)) throw thrown;
      throw new AppError("conflict", "Another user has this e-mail address.", { at: "email" });
    }
  }
}

function requireUser(actor: Actor): void {
  if (actor.kind !== "user")
    throw new AppError("forbidden", "Only a user has a name, an address and a password.");
}

function missing(): never {
  throw new AppError("not_found", "There is no such user, or you may not see them.");
}
