import type { Invitation, RoleAtPlace } from "@atrium/contract/identity";
import { AppError } from "#lib/errors";
import type { Page } from "#lib/paging";
import type { Tx } from "#ports/database";
import type { Actor } from "./actor.ts";
import type { PageAsked, People } from "./door.ts";
import { emailKey } from "./email.ts";
import { giveRole, requireGivable, roleNow } from "./grants.ts";
import { holds } from "./holdings.ts";
import type { Inner } from "./inner.ts";
import { goneLink, makeLink } from "./links.ts";
import { positionOf, toPage } from "./pages.ts";
import { loadPrincipal } from "./principals.ts";
import * as queries from "./queries/links.ts";
import { userByEmail } from "./queries/users.ts";
import type { LinkRow, UserRow } from "./tables.ts";

const OPEN_EACH_MAX = 500; // More waiting at once is a directory to be connected, not people to be asked.

type Invitations = Pick<People, "listInvitations" | "invite" | "withdrawInvitation">;

export function createInvitations(inner: Inner): Invitations {
  const { db, clock, access, tell } = inner;
  return { listInvitations, invite, withdrawInvitation };

  async function listInvitations(actor: Actor, asked: PageAsked): Promise<Page<Invitation>> {
    const all = await access.can(actor, "user:write", { kind: "instance" });
    const rows = await queries.invitationsPage(db.reader, {
      creatorId: all ? undefined : actor.id,
      nowMs: clock.now(),
      before: positionOf(asked.pageToken, 1)?.[0],
      limit: asked.pageSize + 1,
    });
    return toPage(rows, asked.pageSize, { item: toInvitation, position: (row) => [row.id] });
  }

  /** Whoever gives roles may bring people for them; to bring somebody without any needs `user:write`. */
  async function invite(
    actor: Actor,
    given: { email: string; grants: readonly RoleAtPlace[] },
  ): Promise<{ invitation: Invitation; path: string }> {
    if (given.grants.length === 0) await access.require(actor, "user:write", { kind: "instance" });
    for (const promised of given.grants) await requireGivable(inner, actor, promised);
    const key = emailKey(given.email);
    return db.transaction(async (tx) => {
      if ((await userByEmail(tx, key)) !== undefined) {
        throw new AppError(
          "conflict",
          "There is a user with this e-mail address already; give them the role.",
          {
            at: "email",
          },
        );
      }
      if ((await queries.countInvitations(tx, actor.id)) >= OPEN_EACH_MAX) {
        throw new AppError("exhausted", `You have ${OPEN_EACH_MAX} open invitations; withdraw some first.`);
      }
      await queries.endInvitationsFor(tx, key);
      const { email, grants } = given;
      const { id, path, row } = await makeLink(tx, actor, {
        kind: "invitation",
        email,
        grants,
        nowMs: clock.now(),
      });
      await tell(tx, actor, {
        action: "invitation.created",
        resource: { type: "invitation", id },
        details: { grants },
      });
      return { invitation: toInvitation(row), path };
    });
  }

  async function withdrawInvitation(actor: Actor, id: string): Promise<void> {
    const all = await access.can(actor, "user:write", { kind: "instance" });
    await db.transaction(async (tx) => {
      const link = await queries.linkToChange(tx, id);
      const theirs = link?.kind === "invitation" && (all || link.creator_id === actor.id);
      if (!theirs)
        throw new AppError("not_found", "There is no such open invitation, or you may not see it.");
      await queries.takeLink(tx, id);
      await tell(tx, actor, { action: "invitation.withdrawn", resource: { type: "invitation", id } });
    });
  }
}

/**
 * Gives a new user the roles that their invitation promised, if whoever invited them could still give them now.
 * @throws AppError `conflict`
 */
export async function keepPromises(
  tx: Tx,
  inner: Inner,
  given: { link: LinkRow; user: UserRow; from: Actor },
): Promise<void> {
  const { link, user, from } = given;
  const inviter = await loadPrincipal(tx, principalKind(link), link.creator_id);
  if (inviter?.state !== "active") throw broken();
  const self: Actor = {
    ...from,
    kind: "user",
    id: user.id,
    name: user.display_name,
    via: { kind: "link", id: link.id },
  };
  await inner.tell(tx, self, {
    action: "user.created",
    resource: { type: "user", id: user.id, name: user.display_name },
    details: { invitation: link.id, invitedBy: { kind: link.creator_kind, id: link.creator_id } },
  });
  for (const { roleId, place } of JSON.parse(link.grants) as RoleAtPlace[]) {
    const permissions = await roleNow(tx, roleId);
    const organisationId =
      "projectId" in place
        ? await inner.access.organisationOf(place.projectId)
        : place.kind === "organisation"
          ? place.organisationId
          : undefined;
    const held = (["grant:write", ...(permissions ?? [])] as const).every((permission) =>
      holds(inviter.holdings, permission, { place, organisationId }),
    );
    if (permissions === undefined || !held) throw broken();
    const by: Actor = { ...self, kind: principalKind(link), id: link.creator_id, name: inviter.name };
    await giveRole(tx, by, { inner, principal: { kind: "user", id: user.id }, roleId, place, permissions });
  }
}

function principalKind(link: LinkRow): "user" | "service-account" {
  if (link.creator_kind === "user" || link.creator_kind === "service-account") return link.creator_kind;
  throw goneLink();
}

function broken(): AppError {
  return new AppError(
    "conflict",
    "Whoever invited you can no longer give the promised access; ask for another invitation.",
  );
}

function toInvitation(row: LinkRow): Invitation {
  return {
    id: row.id,
    email: row.email,
    grants: JSON.parse(row.grants) as RoleAtPlace[],
    createdMs: row.created_ms,
    createdBy: row.created_by,
    expiresMs: row.expires_ms,
  };
}
