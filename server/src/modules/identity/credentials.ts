import type { Permission } from "@atrium/contract/permissions";
import type { Clock } from "#lib/clock";
import { AppError } from "#lib/errors";
import type { Database } from "#ports/database";
import type { Actor } from "./actor.ts";
import { readAuthorization } from "./authorization.ts";
import { readPermissions } from "./built-in-roles.ts";
import { type Connection, readSessionCookie } from "./cookie.ts";
import type { Credentials } from "./door.ts";
import { createFresh, type Fresh } from "./fresh.ts";
import type { PasswordCheck } from "./password-check.ts";
import type { KnownPrincipal } from "./principals.ts";
import * as sessions from "./queries/sessions.ts";
import * as tokens from "./queries/tokens.ts";
import { hashSecret, isToken, TOKEN_PREFIX } from "./secret.ts";
import { isEnded } from "./session.ts";
import type { SessionRow, TokenRow } from "./tables.ts";
import type { Uses } from "./uses.ts";

const CREDENTIALS_MAX = 50_000; // About a kilobyte each.
const OPERATOR_KEY = "operator";

type Known =
  | { kind: "token"; row: TokenRow; scopes: readonly Permission[] | undefined }
  | { kind: "session"; row: SessionRow }
  | { kind: "none" };

export interface CredentialsDeps {
  db: Database;
  clock: Clock;
  connection: Connection;
  principals: Fresh<KnownPrincipal>;
  uses: Uses;
  passwordCheck: PasswordCheck;
}

/** Tokens and sessions in memory, by kind and hash. What the operator set is kept under one key of its own. */
export function createKnownCredentials({ db, clock }: Pick<CredentialsDeps, "db" | "clock">): Fresh<Known> {
  return createFresh<Known>({
    clock,
    entriesMax: CREDENTIALS_MAX,
    async load(key) {
      if (key === OPERATOR_KEY) return knownToken(await tokens.operatorToken(db.reader)) ?? { kind: "none" };
      const secretHash = key.slice(2);
      if (key.startsWith("t:")) return knownToken(await tokens.tokenBySecret(db.reader, secretHash));
      const row = await sessions.sessionBySecret(db.reader, secretHash);
      return row && { kind: "session", row };
    },
  });
}

/** Finds out who sent a request. A token goes before a cookie; with neither it is anonymous. */
export function createAuthenticate(deps: CredentialsDeps, known: Fresh<Known>) {
  const { clock, connection, principals, uses, passwordCheck } = deps;

  return async function authenticate(given: Credentials): Promise<Actor> {
    const request = { id: given.requestId, ip: given.ip, userAgent: given.userAgent };
    if (given.authorization !== undefined) return byHeader(given.authorization, request);
    const cookie = given.cookie === undefined ? undefined : readSessionCookie(connection, given.cookie);
    if (cookie !== undefined) return bySession(cookie, request);
    return { kind: "anonymous", id: "anonymous", name: "anonymous", via: { kind: "none", id: "" }, request };
  };

  async function byHeader(header: string, request: Actor["request"]): Promise<Actor> {
    const proof = readAuthorization(header);
    const secret = proof.kind === "bearer" ? proof.token : proof.secret;
    if (isToken(secret)) return byToken(await known.get(`t:${hashSecret(secret)}`), request);
    // What begins like ours but fails its checksum was mistyped or cut off; start refuses such an operator's token.
    const operator = secret.startsWith(TOKEN_PREFIX) ? undefined : await known.get(OPERATOR_KEY);
    if (operator?.kind === "token" && operator.row.secret_hash === hashSecret(secret)) {
      return byToken(operator, request);
    }
    if (proof.kind === "basic" && proof.name.includes("@")) {
      const user = await passwordCheck.again({ email: proof.name, password: proof.secret }, request);
      return actorOf("user", user.id, { via: { kind: "password", id: user.id }, request });
    }
    throw refused("The token is not valid; make another one.");
  }

  async function byToken(found: Known | undefined, request: Actor["request"]): Promise<Actor> {
    if (found?.kind !== "token") throw refused("The token is not valid; make another one.");
    const { row, scopes } = found;
    if (row.revoked_ms !== null) throw refused("The token was revoked; make another one.");
    if (row.expires_ms !== null && row.expires_ms <= clock.now()) {
      throw refused("The token has expired; make another one.");
    }
    const actor = await actorOf(row.owner_kind, row.owner_id, {
      via: { kind: "token", id: row.id, ...(row.job_id === null ? {} : { jobId: row.job_id }) },
      request,
    });
    uses.note({ kind: "token", id: row.id, knownMs: row.last_used_ms ?? 0 });
    if (scopes !== undefined) actor.scopes = scopes;
    if (row.project_id !== null) actor.boundProjectId = row.project_id;
    return actor;
  }

  async function bySession(cookie: string, request: Actor["request"]): Promise<Actor> {
    const found = cookie === "malformed" ? undefined : await known.get(`s:${hashSecret(cookie)}`);
    if (found?.kind !== "session") throw refused("The session has ended; sign in again.");
    const { row } = found;
    const lastUsedMs = Math.max(row.last_used_ms, uses.lastMs(row.id) ?? 0);
    if (isEnded({ expiresMs: row.expires_ms, lastUsedMs }, clock.now())) {
      throw refused("The session has ended; sign in again.");
    }
    const actor = await actorOf("user", row.user_id, { via: { kind: "session", id: row.id }, request });
    uses.note({ kind: "session", id: row.id, knownMs: row.last_used_ms });
    return actor;
  }

  async function actorOf(
    kind: "user" | "service-account",
    id: string,
    rest: Pick<Actor, "via" | "request">,
  ): Promise<Actor> {
    const principal = await principals.get(`${kind}:${id}`);
    if (principal === undefined) throw refused("Whoever this belonged to is gone.");
    if (principal.state !== "active") throw refused("This account is suspended; ask an administrator.");
    return { kind, id, name: principal.name, ...rest };
  }
}

function knownToken(row: TokenRow | undefined): Known | undefined {
  return row && { kind: "token", row, scopes: row.scopes === null ? undefined : readPermissions(row.scopes) };
}

function refused(message: string): AppError {
  return new AppError("unauthenticated", message);
}
