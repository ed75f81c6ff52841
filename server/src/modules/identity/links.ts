import { LINK_PAGES, type LinkKind, type RoleAtPlace } from "@atrium/contract/identity";
import { AppError } from "#lib/errors";
import { newId } from "#lib/ids";
import type { Tx } from "#ports/database";
import type { Actor } from "./actor.ts";
import { emailKey } from "./email.ts";
import * as queries from "./queries/links.ts";
import { hashSecret, newSecret } from "./secret.ts";
import type { LinkRow } from "./tables.ts";

const HOUR_MS = 3600 * 1000;

const LIFE_MS: Record<LinkKind, number> = {
  "sign-in": HOUR_MS, // It stands in a terminal, perhaps in a log; another one is one command away.
  invitation: 7 * 24 * HOUR_MS, // It waits for a person who may be on holiday.
  "password-reset": 24 * HOUR_MS,
};

export interface MadeLink {
  id: string;
  path: string;
  row: LinkRow;
}

/** Stores a new one-time link; only a hash of its code is kept, so `path` is known this once. */
export async function makeLink(
  tx: Tx,
  creator: Actor,
  given: {
    kind: LinkKind;
    email: string;
    userId?: string;
    grants?: readonly RoleAtPlace[];
    nowMs: number;
  },
): Promise<MadeLink> {
  const code = newSecret();
  const row: LinkRow = {
    id: newId(),
    code_hash: hashSecret(code),
    kind: given.kind,
    user_id: given.userId ?? null,
    email: given.email,
    email_key: emailKey(given.email),
    grants: JSON.stringify(given.grants ?? []),
    created_ms: given.nowMs,
    created_by: creator.name,
    creator_kind: creator.kind,
    creator_id: creator.id,
    expires_ms: given.nowMs + LIFE_MS[given.kind],
  };
  await queries.addLink(tx, row);
  return { id: row.id, path: LINK_PAGES[given.kind] + code, row };
}

/** Finds the link of a code that still works for one of these kinds. @throws AppError `not_found` */
export async function findLink(
  tx: Tx,
  code: string,
  asked: { kinds: readonly LinkKind[]; nowMs: number },
): Promise<LinkRow> {
  const row = await queries.linkByCode(tx, hashSecret(code));
  if (row === undefined || row.expires_ms <= asked.nowMs || !asked.kinds.includes(row.kind)) throw goneLink();
  return row;
}

/** Uses a link up. @throws AppError `not_found` when somebody was faster */
export async function useUp(tx: Tx, link: LinkRow): Promise<void> {
  if (!(await queries.takeLink(tx, link.id))) throw goneLink();
}

export function goneLink(): AppError {
  return new AppError(
    "not_found",
    "This link does not work any more: it was used, has expired or was replaced. Ask for another one.",
  );
}
