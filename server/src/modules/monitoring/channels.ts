import type { Channel, Delivery } from "@atrium/contract/monitoring";
import { AppError } from "#lib/errors";
import { newId } from "#lib/ids";
import { keysetPage, type Page } from "#lib/paging";
import type { Actor } from "#modules/identity";
import { isUniqueViolation, type Tx } from "#ports/database";
import type { MonitoringDeps } from "./deps.ts";
import { found, type Gate } from "./gate.ts";
import type { PageAsked } from "./monitors.ts";
import * as alerts from "./queries/alerts.ts";
import * as queries from "./queries/deliveries.ts";
import type { ChannelRow, DeliveryRow } from "./tables.ts";
import { newDelivery } from "./telling.ts";
import { type ChannelSettings, channelOf, deliveryOf } from "./view.ts";

const CHANNELS_MAX = 100; // Of a project; a rule names ten at most.

export type NewChannel = ChannelSettings & { name: string };

export interface Channels {
  list(actor: Actor, projectId: string, asked: PageAsked): Promise<Page<Channel>>;
  /** Asks for secret:read too: who names a secret lets it be used. @throws AppError `conflict`, `not_found`, `invalid` */
  create(actor: Actor, projectId: string, given: NewChannel): Promise<Channel>;
  replace(actor: Actor, at: { projectId: string; channel: string }, given: NewChannel): Promise<Channel>;
  delete(actor: Actor, projectId: string, id: string): Promise<void>;
  test(actor: Actor, projectId: string, id: string): Promise<Delivery>;
  deliveries(
    actor: Actor,
    projectId: string,
    asked: PageAsked & { channelId?: string | undefined; incidentId?: string | undefined },
  ): Promise<Page<Delivery>>;
  /** @throws AppError `conflict` unless it has failed */
  retry(actor: Actor, projectId: string, id: string): Promise<Delivery>;
}

/** Where incidents are told, and what became of each message. */
export function createChannels(
  deps: Pick<MonitoringDeps, "db" | "clock" | "projects" | "access">,
  gate: Gate,
): Channels {
  const { db, clock, projects, access } = deps;
  return { list, create, replace, delete: remove, test, deliveries, retry };

  async function list(actor: Actor, projectId: string, asked: PageAsked): Promise<Page<Channel>> {
    await gate.admit(actor, "monitor:read", projectId);
    return keysetPage({
      pageSize: asked.pageSize,
      pageToken: asked.pageToken,
      question: ["alert-channels", projectId],
      kinds: ["text"],
      rows: (after, limit) =>
        alerts.channelsPage(db.reader, projectId, { after: after && String(after[0]), limit }),
      show: (rows) => rows.map(channelOf),
      position: (row) => [row.name],
    });
  }

  async function create(actor: Actor, projectId: string, given: NewChannel): Promise<Channel> {
    await gate.admit(actor, "monitor:write", projectId);
    await check(actor, projectId, given);
    const { name, ...settings } = given;
    const nowMs = clock.now();
    const row: ChannelRow = {
      id: newId(),
      project_id: projectId,
      name,
      settings: JSON.stringify(settings),
      created_by: actor.name,
      created_ms: nowMs,
      updated_ms: nowMs,
    };
    return unlessTaken(name, async (tx) => {
      await tx.serialize(`monitoring.channels.${projectId}`);
      if ((await alerts.countChannels(tx, projectId)) >= CHANNELS_MAX) {
        throw new AppError("exhausted", `A project has at most ${CHANNELS_MAX} channels; delete some.`);
      }
      await alerts.addChannel(tx, row);
      await gate.tell(tx, actor, newsOf("alert-channel.created", row));
      return channelOf(row);
    });
  }

  async function replace(
    actor: Actor,
    at: { projectId: string; channel: string },
    given: NewChannel,
  ): Promise<Channel> {
    await gate.admit(actor, "monitor:write", at.projectId);
    await check(actor, at.projectId, given);
    const { name, ...settings } = given;
    return unlessTaken(name, async (tx) => {
      const row = await find(tx, at.projectId, at.channel);
      const changes = { name, settings: JSON.stringify(settings), updated_ms: clock.now() };
      await alerts.changeChannel(tx, row.id, changes);
      const changed = { ...row, ...changes };
      await gate.tell(tx, actor, newsOf("alert-channel.updated", changed));
      return channelOf(changed);
    });
  }

  async function remove(actor: Actor, projectId: string, id: string): Promise<void> {
    await gate.admit(actor, "monitor:write", projectId);
    await db.transaction(async (tx) => {
      const row = await find(tx, projectId, id);
      await alerts.removeChannel(tx, id);
      await queries.removeDeliveriesTo(tx, id);
      await gate.tell(tx, actor, newsOf("alert-channel.deleted", row));
    });
  }

  async function test(actor: Actor, projectId: string, id: string): Promise<Delivery> {
    await gate.admit(actor, "monitor:write", projectId);
    return db.transaction(async (tx) => {
      const row = await find(tx, projectId, id);
      const event = "channel.tested";
      const body = JSON.stringify({ event, projectId, channel: { id, name: row.name }, by: actor.name });
      const about = { project_id: projectId, incident_id: "", target_id: id };
      const delivery = newDelivery({ ...about, target: "webhook", event, body }, clock.now());
      await queries.addDelivery(tx, delivery);
      await gate.tell(tx, actor, newsOf("alert-channel.tested", row));
      return deliveryOf(delivery, row.name);
    });
  }

  async function deliveries(
    actor: Actor,
    projectId: string,
    asked: PageAsked & { channelId?: string | undefined; incidentId?: string | undefined },
  ): Promise<Page<Delivery>> {
    await gate.admit(actor, "monitor:read", projectId);
    const { channelId, incidentId, pageSize, pageToken } = asked;
    const at = { projectId, channelId, incidentId };
    return keysetPage({
      ...{ pageSize, pageToken },
      question: ["alert-deliveries", projectId, channelId ?? null, incidentId ?? null],
      kinds: ["text"],
      rows: (after, limit) =>
        queries.deliveriesPage(db.reader, at, { before: after && String(after[0]), limit }),
      show: (rows) => show(projectId, rows),
      position: (row) => [row.id],
    });
  }

  async function retry(actor: Actor, projectId: string, id: string): Promise<Delivery> {
    await gate.admit(actor, "monitor:write", projectId);
    return db.transaction(async (tx) => {
      const row = found(await queries.delivery(tx, projectId, id), `delivery ${id}`);
      if (row.state !== "failed") {
        throw new AppError("conflict", `Delivery ${id} is ${row.state}; only a failed one is tried again.`);
      }
      const changes = { state: "pending" as const, attempts: 0, next_ms: clock.now(), ended_ms: null };
      await queries.changeDelivery(tx, row, changes);
      const resource = { type: "alert-delivery", id, name: row.event };
      await gate.tell(tx, actor, { action: "alert-delivery.retried", projectId, resource });
      const [channel] = await alerts.channels(tx, projectId, [row.target_id]);
      return deliveryOf({ ...row, ...changes }, channel?.name);
    });
  }

  async function show(projectId: string, rows: readonly DeliveryRow[]): Promise<Delivery[]> {
    const ids = [...new Set(rows.filter((row) => row.target === "webhook").map((row) => row.target_id))];
    const names = new Map(
      (await alerts.channels(db.reader, projectId, ids)).map((row) => [row.id, row.name]),
    );
    return rows.map((row) => deliveryOf(row, names.get(row.target_id)));
  }

  /** @throws AppError `invalid` for an address that keeps credentials, `not_found` for a secret that is not there */
  async function check(actor: Actor, projectId: string, { url, secret }: NewChannel): Promise<void> {
    const { username, password } = new URL(url);
    if (username !== "" || password !== "") {
      throw new AppError(
        "invalid",
        "Leave name and password out of the address; the signature proves who sends.",
        {
          at: "body.url",
        },
      );
    }
    await access.require(actor, "secret:read", { kind: "project", projectId });
    await projects.secretValues(actor, projectId, [secret]);
  }

  async function find(tx: Tx, projectId: string, id: string): Promise<ChannelRow> {
    const [row] = await alerts.channels(tx, projectId, [id]);
    return found(row, `alert channel ${id}`);
  }

  async function unlessTaken<T>(name: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    try {
      return await db.transaction(work);
    } catch (thrown) {
      if (!isUniqueViolation(thrown)) throw thrown;
      const details = { at: "body.name", reason: "already_exists" };
      throw new AppError(
        "conflict",
        `The project has a channel ${name} already; choose another name.`,
        details,
      );
    }
  }
}

function newsOf(action: string, row: ChannelRow) {
  const resource = { type: "alert-channel", id: row.id, name: row.name };
  return { action, projectId: row.project_id, resource };
}
