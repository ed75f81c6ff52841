import { AppError } from "#lib/errors";
import { newId } from "#lib/ids";
import { isUniqueViolation, type Tx } from "#ports/database";
import { OWNER } from "./built-in-roles.ts";
import type { Changes } from "./changes.ts";
import type { Identity } from "./door.ts";
import type { Inner } from "./inner.ts";
import { makeLink } from "./links.ts";
import { columnsOf } from "./place.ts";
import { clearProject } from "./purge.ts";
import { addGrant } from "./queries/grants.ts";
import { endLinks } from "./queries/links.ts";
import * as tokens from "./queries/tokens.ts";
import { activeOwners, addUser, userByEmail } from "./queries/users.ts";
import { hashSecret, isToken, shownPrefix, TOKEN_PREFIX } from "./secret.ts";
import { SYSTEM } from "./system.ts";
import type { UserRow } from "./tables.ts";
import { makeUser } from "./user.ts";

// A first owner needs an address to be known by; they change it when they set a password.
const FIRST_EMAIL = "owner@localhost";
const FIRST_NAME = "Owner";
const SHOWN_CHARACTERS = 4; // The operator's may be short: what is shown of it must not help to guess it.

export function createStart(inner: Inner, heard: Changes["heard"]): Pick<Identity, "start" | "ownerLink"> {
  const { db, clock, events, tell } = inner;
  return { start, ownerLink };

  async function start({ adminToken }: { adminToken?: string | undefined }): Promise<void> {
    events.subscribe("identity.purge", ["project.purged"], (event) => clearProject(inner, event.key));
    await events.follow(undefined, (event) => heard(event.kind));
    await db.transaction(firstOwner);
    if (adminToken !== undefined) await setOperatorToken(adminToken);
  }

  async function ownerLink(): Promise<{ path: string; expiresMs: number }> {
    return db.transaction(async (tx) => {
      const owner = await firstOwner(tx);
      await endLinks(tx, "sign-in");
      const { email, id: userId } = owner;
      const made = await makeLink(tx, SYSTEM, { kind: "sign-in", email, userId, nowMs: clock.now() });
      await tell(tx, SYSTEM, {
        action: "link.created",
        resource: { type: "link", id: made.id },
        details: { kind: "sign-in", userId: owner.id },
      });
      return { path: made.path, expiresMs: made.row.expires_ms };
    });
  }

  /** The owner who came first, made now if there is none. Two processes that start at once make one. */
  async function firstOwner(tx: Tx): Promise<UserRow> {
    await tx.serialize("identity.owners");
    const [standing] = await activeOwners(tx, 1);
    if (standing !== undefined) return standing;
    const nowMs = clock.now();
    const id = newId();
    // A suspended owner may hold the usual address; then the new one gets an address of its own.
    const email = (await userByEmail(tx, FIRST_EMAIL)) ? `owner-${id}@localhost` : FIRST_EMAIL;
    const owner = makeUser({ id, email, displayName: FIRST_NAME, passwordHash: null, nowMs });
    await addUser(tx, owner);
    const grantId = newId();
    await addGrant(tx, {
      id: grantId,
      principal_kind: "user",
      principal_id: id,
      role_id: OWNER,
      ...columnsOf({ kind: "instance" }, undefined),
      created_ms: nowMs,
      created_by: SYSTEM.name,
    });
    await tell(tx, SYSTEM, { action: "user.created", resource: { type: "user", id, name: FIRST_NAME } });
    await tell(tx, SYSTEM, {
      action: "grant.created",
      resource: { type: "grant", id: grantId },
      details: { principal: { kind: "user", id }, roleId: OWNER, place: { kind: "instance" } },
    });
    return owner;
  }

  /** What was set before stays until another is set; one that somebody revoked stays revoked. */
  async function setOperatorToken(secret: string): Promise<void> {
    if (secret.startsWith(TOKEN_PREFIX) && !isToken(secret)) {
      throw new AppError("invalid", "The admin token looks like a token of ours, but a character is wrong.");
    }
    try {
      await db.transaction(async (tx) => {
        const owner = await firstOwner(tx);
        const before = await tokens.operatorToken(tx);
        const secretHash = hashSecret(secret);
        if (before?.secret_hash === secretHash) return;
        const id = newId();
        const nowMs = clock.now();
        if (before?.revoked_ms === null) await tokens.removeToken(tx, before.id);
        await tokens.addToken(tx, {
          id,
          secret_hash: secretHash,
          kind: "operator",
          name: "Set by the server's operator",
          prefix: isToken(secret) ? shownPrefix(secret) : secret.slice(0, SHOWN_CHARACTERS),
          owner_kind: "user",
          owner_id: owner.id,
          scopes: null,
          project_id: null,
          created_ms: nowMs,
          expires_ms: null,
          last_used_ms: null,
          revoked_ms: null,
          job_id: null,
        });
        await tell(tx, SYSTEM, {
          action: "token.set",
          resource: { type: "token", id },
          details: { kind: "operator", ownerId: owner.id },
        });
      });
    } catch (thrown) {
      if (!isUniqueViolation(thrown)) throw thrown;
      throw new AppError("conflict", "The admin token was revoked, or belongs to somebody; set a fresh one.");
    }
  }
}
