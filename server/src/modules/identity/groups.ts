import type { Group, GroupMember } from "@atrium/contract/identity";
import { AppError } from "#lib/errors";
import { newId } from "#lib/ids";
import type { Page } from "#lib/paging";
import { isUniqueViolation } from "#ports/database";
import type { Actor } from "./actor.ts";
import type { Groups, PageAsked } from "./door.ts";
import { listed } from "./holdings.ts";
import type { Inner } from "./inner.ts";
import { positionOf, toPage } from "./pages.ts";
import { loadPrincipal } from "./principals.ts";
import * as grants from "./queries/grants.ts";
import * as queries from "./queries/groups.ts";
import type { GroupRow } from "./tables.ts";

const MEMBERS_MAX = 10_000;
const GROUPS_EACH_MAX = 200; // All grants of all of them are added up when a member first asks for something.

export function createGroups(inner: Inner): Groups {
  const { db, clock, access, tell } = inner;
  return { list, create, update, delete: remove, listMembers, addMember, removeMember };

  async function list(actor: Actor, asked: PageAsked & { text?: string | undefined }): Promise<Page<Group>> {
    const { text, pageSize, pageToken } = asked;
    const [name, id] = positionOf(pageToken, 2) ?? [];
    const seen = await seenBy(actor);
    const rows = await queries.groupsPage(text ? db.longReader : db.reader, {
      text,
      ...(name !== undefined && id !== undefined && { after: { name, id } }),
      seen,
      limit: pageSize + 1,
    });
    return toPage(rows, pageSize, { item: toGroup, position: (row) => [row.search, row.id] });
  }

  async function create(
    actor: Actor,
    given: { organisationId: string; name: string; description: string },
  ): Promise<Group> {
    const { organisationId, name, description } = given;
    const place = { kind: "organisation", organisationId } as const;
    await access.require(actor, "group:write", place);
    const row: GroupRow = {
      id: newId(),
      organisation_id: organisationId,
      name,
      search: name.toLowerCase(),
      description,
      created_ms: clock.now(),
    };
    return nameTaken(name, () =>
      db.transaction(async (tx) => {
        await queries.addGroup(tx, row);
        await tell(tx, actor, {
          action: "group.created",
          resource: { type: "group", id: row.id, name },
          place,
        });
        return toGroup(row);
      }),
    );
  }

  async function update(
    actor: Actor,
    id: string,
    changes: { name?: string | undefined; description?: string | undefined },
  ): Promise<Group> {
    await requireWritable(actor, id);
    return nameTaken(changes.name ?? "", () =>
      db.transaction(async (tx) => {
        const before = (await queries.groupToChange(tx, id)) ?? missing();
        const name = changes.name ?? before.name;
        const row = {
          ...before,
          name,
          search: name.toLowerCase(),
          description: changes.description ?? before.description,
        };
        await queries.changeGroup(tx, id, row);
        await tell(tx, actor, {
          action: "group.updated",
          resource: { type: "group", id, name },
          place: placeOfGroup(row),
        });
        return toGroup(row);
      }),
    );
  }

  async function remove(actor: Actor, id: string): Promise<void> {
    const place = await requireWritable(actor, id);
    await requireAllOf(actor, id, "delete this group");
    await db.transaction(async (tx) => {
      const { name } = (await queries.groupToChange(tx, id)) ?? missing();
      await grants.removeGrantsOf(tx, id);
      await queries.removeGroup(tx, id);
      await tell(tx, actor, { action: "group.deleted", resource: { type: "group", id, name }, place });
    });
  }

  async function listMembers(actor: Actor, id: string, asked: PageAsked): Promise<Page<GroupMember>> {
    if ((await queries.groupSeen(db.reader, id, await seenBy(actor))) === undefined) missing();
    const rows = await queries.membersPage(db.reader, {
      groupId: id,
      after: positionOf(asked.pageToken, 1)?.[0],
      limit: asked.pageSize + 1,
    });
    return toPage(rows, asked.pageSize, { item: (row) => row, position: (row) => [row.id] });
  }

  async function addMember(
    actor: Actor,
    id: string,
    member: { kind: GroupMember["kind"]; id: string },
  ): Promise<void> {
    const place = await requireWritable(actor, id);
    await requireAllOf(actor, id, "add somebody to this group");
    await db.transaction(async (tx) => {
      const { name } = (await queries.groupToChange(tx, id)) ?? missing();
      if ((await grants.principal(tx, member.kind, member.id)) === undefined) {
        throw new AppError("not_found", `There is no ${member.kind} ${member.id}.`, { at: "body.id" });
      }
      if ((await queries.countMembers(tx, id)) >= MEMBERS_MAX) {
        throw new AppError("exhausted", `The group has ${MEMBERS_MAX} members, the most there can be.`);
      }
      if ((await queries.groupIdsOf(tx, member.id)).length >= GROUPS_EACH_MAX) {
        throw new AppError("exhausted", `They are in ${GROUPS_EACH_MAX} groups, the most there can be.`);
      }
      const { kind, id: memberId } = member;
      const row = { group_id: id, member_kind: kind, member_id: memberId, added_ms: clock.now() };
      if (!(await queries.addMember(tx, row))) return;
      await tell(tx, actor, {
        action: "group.member-added",
        resource: { type: "group", id, name },
        place,
        details: { member },
      });
    });
  }

  async function removeMember(actor: Actor, id: string, memberId: string): Promise<void> {
    const place = await requireWritable(actor, id);
    await db.transaction(async (tx) => {
      const { name } = (await queries.groupToChange(tx, id)) ?? missing();
      if (!(await queries.removeMember(tx, id, memberId))) {
        throw new AppError("not_found", `${memberId} is no member of the group.`);
      }
      await tell(tx, actor, {
        action: "group.member-removed",
        resource: { type: "group", id, name },
        place,
        details: { memberId },
      });
    });
  }

  /** What stands where the actor may read groups, and the groups that they are in; undefined is all. */
  async function seenBy(actor: Actor) {
    const places = await access.seen(actor, "group:read");
    return places && { ...places, ids: await queries.groupIdsOf(db.reader, actor.id) };
  }

  async function requireWritable(actor: Actor, id: string) {
    const place = placeOfGroup((await queries.groupSeen(db.reader, id, await seenBy(actor))) ?? missing());
    await access.require(actor, "group:write", place);
    return place;
  }

  async function requireAllOf(actor: Actor, id: string, deed: string): Promise<void> {
    const { holdings } = (await loadPrincipal(db.reader, "group", id)) ?? missing();
    await access.requireAll(actor, listed(holdings), deed);
  }
}

/** A name is taken once in an organisation, however it is written. */
async function nameTaken<T>(name: string, store: () => Promise<T>): Promise<T> {
  try {
    return await store();
  } catch (thrown) {
    if (!isUniqueViolation(thrown)) throw thrown;
    throw new AppError("conflict", `The organisation has a group ${name} already; choose another name.`, {
      at: "name",
    });
  }
}

function placeOfGroup(row: GroupRow) {
  return { kind: "organisation", organisationId: row.organisation_id } as const;
}

function toGroup(row: GroupRow): Group {
  return {
    id: row.id,
    organisationId: row.organisation_id,
    name: row.name,
    description: row.description,
    createdMs: row.created_ms,
  };
}

function missing(): never {
  throw new AppError("not_found", "There is no such group, or you may not see it.");
}
