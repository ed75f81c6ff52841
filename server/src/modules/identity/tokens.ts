import type { Token } from "@atrium/contract/identity";
import { AppError } from "#lib/errors";
import { newId } from "#lib/ids";
import type { Page } from "#lib/paging";
import type { Actor } from "./actor.ts";
import { readPermissions } from "./built-in-roles.ts";
import type { NewToken, PageAsked, Tokens } from "./door.ts";
import type { Inner } from "./inner.ts";
import { positionOf, toPage } from "./pages.ts";
import { accountById } from "./queries/service-accounts.ts";
import * as queries from "./queries/tokens.ts";
import { hashSecret, newTokenSecret, shownPrefix } from "./secret.ts";
import { placeOfAccount } from "./service-account.ts";
import type { TokenRow } from "./tables.ts";

const DAY_MS = 24 * 3600 * 1000;
const LIFE_MS_MAX = 3651 * DAY_MS; // Ten years and a day: whoever asks for ten by another clock is not refused.
const WORKING_EACH_MAX = 500; // Enough for one a machine; a program that makes one a run must let them expire.

export interface TokenOwner {
  kind: "user" | "service-account";
  id: string;
  name: string;
}

export function createTokens(inner: Inner): Tokens {
  const { db, clock, access, tell } = inner;
  return { list, create, revoke };

  async function list(actor: Actor, asked: PageAsked & { owner: string }): Promise<Page<Token>> {
    const { owner, pageSize, pageToken } = asked;
    if (owner === "all") await access.require(actor, "user:write", { kind: "instance" });
    else if (owner !== "me" && owner !== actor.id) await requireAccount(actor, owner, "service-account:read");
    const rows = await queries.tokensPage(db.reader, {
      ownerId: owner === "all" ? undefined : owner === "me" ? actor.id : owner,
      before: positionOf(pageToken, 1)?.[0],
      limit: pageSize + 1,
    });
    return toPage(rows, pageSize, { item: toToken, position: (row) => [row.id] });
  }

  async function create(actor: Actor, given: NewToken): Promise<{ token: Token; secret: string }> {
    if (actor.kind !== "user" && actor.kind !== "service-account") {
      throw new AppError("forbidden", "Only users and service accounts have tokens.");
    }
    const { kind, id, name } = actor;
    return makeToken(inner, actor, { ...given, owner: { kind, id, name } });
  }

  async function revoke(actor: Actor, id: string): Promise<void> {
    const standing = (await queries.tokenById(db.reader, id)) ?? missing();
    if (standing.owner_id !== actor.id) await requireRevocable(actor, standing);
    // A token that leaked may be used to end itself, but not its owner's others.
    else if (actor.via.kind !== "token" || actor.via.id !== id) access.requireWhole(actor);
    await db.transaction(async (tx) => {
      const token = (await queries.tokenToChange(tx, id)) ?? missing();
      if (token.revoked_ms !== null) return;
      await queries.revokeToken(tx, id, clock.now());
      await tell(tx, actor, {
        action: "token.revoked",
        resource: { type: "token", id, name: token.name },
        details: { owner: { kind: token.owner_kind, id: token.owner_id } },
      });
    });
  }

  async function requireRevocable(actor: Actor, token: TokenRow): Promise<void> {
    if (await access.can(actor, "user:write", { kind: "instance" })) return;
    if (token.owner_kind !== "service-account") missing();
    await requireAccount(actor, token.owner_id, "service-account:write");
  }

  async function requireAccount(
    actor: Actor,
    id: string,
    permission: "service-account:read" | "service-account:write",
  ): Promise<void> {
    const account = (await accountById(db.reader, id)) ?? missing();
    if (!(await access.can(actor, permission, placeOfAccount(account)))) missing();
  }
}

/** Makes a token that is never more than the credential that asked for it. @throws AppError `invalid`, `forbidden` */
export async function makeToken(
  inner: Inner,
  actor: Actor,
  given: NewToken & { owner: TokenOwner },
): Promise<{ token: Token; secret: string }> {
  const { db, clock, tell } = inner;
  const nowMs = clock.now();
  const { name, expiresMs, owner } = given;
  if (expiresMs <= nowMs || expiresMs > nowMs + LIFE_MS_MAX) {
    throw new AppError("invalid", "A token ends in the future, and within ten years.", {
      at: "body.expiresMs",
    });
  }
  await requireNoMore(inner, actor, given);
  const scopes = given.scopes ?? (actor.id === owner.id ? actor.scopes : undefined);
  const projectId = given.projectId ?? (actor.id === owner.id ? actor.boundProjectId : undefined);
  const secret = newTokenSecret();
  const row: TokenRow = {
    id: newId(),
    secret_hash: hashSecret(secret),
    kind: "made",
    name,
    prefix: shownPrefix(secret),
    owner_kind: owner.kind,
    owner_id: owner.id,
    scopes: scopes === undefined ? null : JSON.stringify([...new Set(scopes)]),
    project_id: projectId ?? null,
    created_ms: nowMs,
    expires_ms: expiresMs,
    last_used_ms: null,
    revoked_ms: null,
    job_id: null,
  };
  await db.transaction(async (tx) => {
    await tx.serialize(`identity.tokens.${owner.id}`);
    if ((await queries.countTokens(tx, owner.id, nowMs)) >= WORKING_EACH_MAX) {
      throw new AppError("exhausted", `There are ${WORKING_EACH_MAX} working tokens; revoke some first.`);
    }
    await queries.addToken(tx, row);
    await tell(tx, actor, {
      action: "token.created",
      resource: { type: "token", id: row.id, name },
      details: {
        owner: { kind: owner.kind, id: owner.id },
        scopes: scopes ?? "all",
        ...(projectId && { projectId }),
        expiresMs,
      },
    });
  });
  return { token: toToken({ ...row, owner_name: owner.name }), secret };
}

/** A token may make others, but none that does more, reaches further or lives longer than itself. */
async function requireNoMore(inner: Inner, actor: Actor, given: NewToken): Promise<void> {
  const { access, db } = inner;
  const { scopes, projectId } = given;
  if (projectId !== undefined && !(await access.can(actor, "project:read", { kind: "project", projectId }))) {
    const reached = await access.visibleProjects(actor, "project:read");
    if (!reached.includes(projectId)) {
      throw new AppError("not_found", "There is no such project, or you may not see it.", {
        at: "body.projectId",
      });
    }
  }
  if (scopes?.some((scope) => actor.scopes?.includes(scope) === false)) {
    throw new AppError("forbidden", "A token cannot make one with more scopes than its own.", {
      reason: "escalation",
    });
  }
  if (actor.boundProjectId !== undefined && projectId !== undefined && projectId !== actor.boundProjectId) {
    throw new AppError("forbidden", "A token cannot make one for another project.", { reason: "escalation" });
  }
  if (actor.via.kind !== "token") return;
  const own = await queries.tokenById(db.reader, actor.via.id);
  if (own !== undefined && own.job_id !== null) {
    throw new AppError("forbidden", "A job's token makes no other: it would outlive the job.", {
      reason: "escalation",
    });
  }
  if (own?.expires_ms !== null && given.expiresMs > (own?.expires_ms ?? 0)) {
    throw new AppError("forbidden", "A token cannot make one that outlives it; sign in to make it.", {
      reason: "escalation",
    });
  }
}

function toToken(row: queries.NamedTokenRow): Token {
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    owner: { kind: row.owner_kind, id: row.owner_id, name: row.owner_name },
    ...(row.scopes === null ? {} : { scopes: readPermissions(row.scopes) }),
    ...(row.project_id === null ? {} : { projectId: row.project_id }),
    createdMs: row.created_ms,
    ...(row.expires_ms === null ? {} : { expiresMs: row.expires_ms }),
    ...(row.last_used_ms === null ? {} : { lastUsedMs: row.last_used_ms }),
    ...(row.revoked_ms === null ? {} : { revokedMs: row.revoked_ms }),
  };
}

function missing(): never {
  throw new AppError("not_found", "There is no such token, or you may not see it.");
}
