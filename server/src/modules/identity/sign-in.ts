import { AppError } from "#lib/errors";
import { newId } from "#lib/ids";
import { isUniqueViolation, type Tx } from "#ports/database";
import type { Actor } from "./actor.ts";
import { forgetCookie } from "./cookie.ts";
import type { SignedIn, SignIn } from "./door.ts";
import type { Inner } from "./inner.ts";
import { keepPromises } from "./invitations.ts";
import { findLink, useUp } from "./links.ts";
import { openSession } from "./open-session.ts";
import * as links from "./queries/links.ts";
import * as sessions from "./queries/sessions.ts";
import * as users from "./queries/users.ts";
import type { LinkRow, UserRow } from "./tables.ts";
import { addressGroup } from "./throttle.ts";
import { makeUser } from "./user.ts";

const ALL_KINDS = ["sign-in", "invitation", "password-reset"] as const;

export function createSignIn(inner: Inner): SignIn {
  const { db, clock, connection, noise, passwords, passwordCheck, tell } = inner;
  return {
    withPassword,
    withLink: (code, from) => recorded(from, () => withLink(code, from)),
    acceptInvitation: (given, from) => recorded(from, () => acceptInvitation(given, from)),
    resetPassword: (given, from) => recorded(from, () => resetPassword(given, from)),
    inspectLink,
    out,
  };

  async function withPassword(given: { email: string; password: string }, from: Actor): Promise<SignedIn> {
    const checked = await passwordCheck.once(given, from);
    const outdated = checked.password_hash !== null && passwords.isOutdated(checked.password_hash);
    const rehashed = outdated ? await hashFor(given.password, from) : undefined;
    return db.transaction(async (tx) => {
      const user = await activeUser(tx, checked.id);
      // Between the check and here the password may have been changed: then the one that was typed is an old one.
      if (user?.password_hash !== checked.password_hash) {
        throw new AppError("unauthenticated", "E-mail and password do not match.");
      }
      if (rehashed !== undefined) await users.changeUser(tx, user.id, { password_hash: rehashed });
      return openSession(tx, from, { inner, user, by: "password" });
    });
  }

  async function withLink(code: string, from: Actor): Promise<SignedIn> {
    return db.transaction(async (tx) => {
      const link = await findLink(tx, code, { kinds: ["sign-in"], nowMs: clock.now() });
      const user = await userOf(tx, link);
      await useUp(tx, link);
      return openSession(tx, from, { inner, user, by: "link" });
    });
  }

  async function acceptInvitation(
    given: { code: string; displayName: string; password: string },
    from: Actor,
  ): Promise<SignedIn> {
    await findLink(db.reader, given.code, { kinds: ["invitation"], nowMs: clock.now() });
    const hash = await hashFor(given.password, from);
    try {
      return await db.transaction(async (tx) => {
        const nowMs = clock.now();
        const link = await findLink(tx, given.code, { kinds: ["invitation"], nowMs });
        await useUp(tx, link);
        const { displayName } = given;
        const user = makeUser({ id: newId(), email: link.email, displayName, passwordHash: hash, nowMs });
        await users.addUser(tx, user);
        await keepPromises(tx, inner, { link, user, from });
        return openSession(tx, from, { inner, user, by: "invitation" });
      });
    } catch (thrown) {
      if (!isUniqueViolation(thrown)) throw thrown;
      throw new AppError("conflict", "There is a user with this e-mail address already; sign in instead.");
    }
  }

  async function resetPassword(given: { code: string; password: string }, from: Actor): Promise<SignedIn> {
    await findLink(db.reader, given.code, { kinds: ["password-reset"], nowMs: clock.now() });
    const hash = await hashFor(given.password, from);
    return db.transaction(async (tx) => {
      const link = await findLink(tx, given.code, { kinds: ["password-reset"], nowMs: clock.now() });
      const user = await userOf(tx, link);
      await useUp(tx, link);
      await users.changeUser(tx, user.id, { password_hash: hash });
      await sessions.endSessionsOf(tx, user.id);
      await links.endLinksOf(tx, user.id);
      const signedIn = await openSession(tx, from, { inner, user, by: "reset" });
      const self: Actor = { ...from, kind: "user", id: user.id, name: user.display_name };
      await tell(tx, self, {
        action: "user.password-changed",
        resource: { type: "user", id: user.id, name: user.display_name },
        details: { by: "reset link" },
      });
      return signedIn;
    });
  }

  async function inspectLink(code: string) {
    const link = await findLink(db.reader, code, { kinds: ALL_KINDS, nowMs: clock.now() });
    const user = link.user_id === null ? undefined : await users.userById(db.reader, link.user_id);
    const { kind, email, expires_ms: expiresMs } = link;
    return { kind, email: user?.email ?? email, displayName: user?.display_name ?? "", expiresMs };
  }

  async function out(actor: Actor): Promise<string> {
    if (actor.via.kind === "session") {
      const { id } = actor.via;
      await db.transaction(async (tx) => {
        if (!(await sessions.endSession(tx, id))) return;
        await tell(tx, actor, { action: "session.ended", resource: { type: "session", id } });
      });
    }
    return forgetCookie(connection);
  }

  /** A code that opens nothing is an attempt too. */
  async function recorded<T>(from: Actor, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      if (thrown instanceof AppError && thrown.code === "not_found") {
        await noise.failure(addressGroup(from.request.ip), from, {
          action: "session.refused",
          resource: { type: "link", id: "unknown" },
          outcome: "denied",
          details: { by: "link" },
        });
      }
      throw thrown;
    }
  }

  function hashFor(password: string, from: Actor): Promise<string> {
    return passwords.hash(password, addressGroup(from.request.ip));
  }

  async function userOf(tx: Tx, link: LinkRow): Promise<UserRow> {
    const user = await activeUser(tx, link.user_id ?? "");
    if (user !== undefined) return user;
    throw new AppError("forbidden", "This account is suspended; ask an administrator.");
  }

  async function activeUser(tx: Tx, id: string): Promise<UserRow | undefined> {
    const user = await users.userToChange(tx, id);
    return user?.state === "active" ? user : undefined;
  }
}
