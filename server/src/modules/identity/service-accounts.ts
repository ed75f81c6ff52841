import type { ServiceAccount, Token } from "@atrium/contract/identity";
import { AppError } from "#lib/errors";
import { newId } from "#lib/ids";
import type { Page } from "#lib/paging";
import { isUniqueViolation } from "#ports/database";
import type { Actor } from "./actor.ts";
import type { NewToken, PageAsked, ServiceAccounts } from "./door.ts";
import { listed } from "./holdings.ts";
import type { Inner } from "./inner.ts";
import { positionOf, toPage } from "./pages.ts";
import { loadPrincipal } from "./principals.ts";
import * as queries from "./queries/service-accounts.ts";
import { placeOfAccount, toServiceAccount } from "./service-account.ts";
import type { ServiceAccountRow } from "./tables.ts";
import { makeToken } from "./tokens.ts";

export function createServiceAccounts(inner: Inner): ServiceAccounts {
  const { db, clock, access, tell } = inner;
  return { list, create, update, createToken };

  async function list(actor: Actor, asked: PageAsked): Promise<Page<ServiceAccount>> {
    const { pageSize, pageToken } = asked;
    const [name, id] = positionOf(pageToken, 2) ?? [];
    const places = await access.seen(actor, "service-account:read");
    const rows = await queries.accountsPage(db.reader, {
      ...(name !== undefined && id !== undefined && { after: { name, id } }),
      ...(places && { seen: { ...places, ids: [] } }),
      limit: pageSize + 1,
    });
    return toPage(rows, pageSize, { item: toServiceAccount, position: (row) => [row.name, row.id] });
  }

  async function create(
    actor: Actor,
    given: { organisationId: string; projectId?: string | undefined; name: string; description: string },
  ): Promise<ServiceAccount> {
    const row: ServiceAccountRow = {
      id: newId(),
      organisation_id: given.organisationId,
      project_id: given.projectId ?? null,
      name: given.name,
      description: given.description,
      state: "active",
      created_ms: clock.now(),
    };
    const place = placeOfAccount(row);
    await access.require(actor, "service-account:write", place);
    return nameTaken(row.name, () =>
      db.transaction(async (tx) => {
        await queries.addAccount(tx, row);
        await tell(tx, actor, {
          action: "service-account.created",
          resource: { type: "service-account", id: row.id, name: row.name },
          place,
        });
        return toServiceAccount(row);
      }),
    );
  }

  async function update(
    actor: Actor,
    id: string,
    changes: {
      name?: string | undefined;
      description?: string | undefined;
      state?: ServiceAccount["state"] | undefined;
    },
  ): Promise<ServiceAccount> {
    const place = await requireWritable(actor, id);
    const { name, description, state } = changes;
    if (state !== undefined) await requireAllOf(actor, id, `make this service account ${state}`);
    const action =
      state === undefined
        ? "updated"
        : state === "suspended"
          ? ("suspended" as const)
          : ("restored" as const);
    return nameTaken(name ?? "", () =>
      db.transaction(async (tx) => {
        const before = (await queries.accountToChange(tx, id)) ?? missing();
        const row = {
          ...before,
          name: name ?? before.name,
          description: description ?? before.description,
          state: state ?? before.state,
        };
        await queries.changeAccount(tx, id, row);
        await tell(tx, actor, {
          action: `service-account.${action}`,
          resource: { type: "service-account", id, name: row.name },
          place,
        });
        return toServiceAccount(row);
      }),
    );
  }

  async function createToken(
    actor: Actor,
    id: string,
    given: NewToken,
  ): Promise<{ token: Token; secret: string }> {
    await requireWritable(actor, id);
    await requireAllOf(actor, id, "make a token for this service account");
    const { name } = (await queries.accountById(db.reader, id)) ?? missing();
    return makeToken(inner, actor, { ...given, owner: { kind: "service-account", id, name } });
  }

  async function requireWritable(actor: Actor, id: string) {
    const place = placeOfAccount((await queries.accountById(db.reader, id)) ?? missing());
    if (!(await access.can(actor, "service-account:write", place))) {
      if (!(await access.can(actor, "service-account:read", place))) missing();
      await access.require(actor, "service-account:write", place);
    }
    return place;
  }

  async function requireAllOf(actor: Actor, id: string, deed: string): Promise<void> {
    const { holdings } = (await loadPrincipal(db.reader, "service-account", id)) ?? missing();
    await access.requireAll(actor, listed(holdings), deed);
  }
}

async function nameTaken<T>(name: string, store: () => Promise<T>): Promise<T> {
  try {
    return await store();
  } catch (thrown) {
    if (!isUniqueViolation(thrown)) throw thrown;
    throw new AppError(
      "conflict",
      `The organisation has a service account ${name} already; choose another name.`,
      {
        at: "name",
      },
    );
  }
}

function missing(): never {
  throw new AppError("not_found", "There is no such service account, or you may not see it.");
}
