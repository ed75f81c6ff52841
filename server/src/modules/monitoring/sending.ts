import { afterTry, type Resolve, type Sent, sendAllDue, sendWebhook, sentNothing } from "#lib/webhook";
import { SYSTEM } from "#modules/identity";
import type { MonitoringDeps } from "./deps.ts";
import { actingOwner } from "./owner.ts";
import * as alerts from "./queries/alerts.ts";
import * as queries from "./queries/deliveries.ts";
import type { DeliveryRow } from "./tables.ts";
import { channelSettingsOf } from "./view.ts";

/** Sends what waits, at least once each; what a kill leaves unsent, or sent and unwritten, is sent again. */
export function createSending(
  deps: Pick<MonitoringDeps, "db" | "clock" | "events" | "projects" | "ownAddress" | "startPipeline">,
  resolve?: Resolve,
) {
  const { db, clock, events, projects, ownAddress, startPipeline } = deps;
  return { sendDue };

  async function sendDue(signal: AbortSignal): Promise<void> {
    await sendAllDue(signal, {
      due: (most) => queries.dueDeliveries(db.reader, clock.now(), most),
      send: sendOne,
    });
  }

  async function sendOne(row: DeliveryRow): Promise<void> {
    const sent = await trySending(row);
    const after = afterTry(row, sent, clock.now());
    const { state, attempts } = after;
    await db.transaction(async (tx) => {
      const changed = await queries.changeDelivery(tx, row, after);
      if (sent.runId !== undefined)
        await alerts.changeIncident(tx, row.incident_id, { pipeline_run_id: sent.runId });
      if (!changed || state === "pending") return;
      await events.announce(tx, {
        kind: `alert-delivery.${state}`,
        projectId: row.project_id,
        key: row.id,
        body: { id: row.id, event: row.event, incidentId: row.incident_id, attempts },
      });
    });
  }

  async function trySending(row: DeliveryRow): Promise<Sent & { runId?: string }> {
    try {
      return row.target === "webhook" ? await toWebhook(row) : await toPipeline(row);
    } catch (thrown) {
      return sentNothing(thrown);
    }
  }

  async function toWebhook(row: DeliveryRow): Promise<Sent> {
    const [channel] = await alerts.channels(db.reader, row.project_id, [row.target_id]);
    if (channel === undefined) return { outcome: "never", error: "The channel is gone." };
    const { url, secret, enabled } = channelSettingsOf(channel);
    if (!enabled) return { outcome: "never", error: "The channel is switched off." };
    const { settings } = await projects.get(SYSTEM, row.project_id);
    const values = await projects.secretValues(SYSTEM, row.project_id, [secret]);
    const signed = { id: row.id, url, secret: values[secret] ?? "", body: row.body, atMs: clock.now() };
    return sendWebhook(
      { ...signed, privateHosts: settings.privateWebhookHosts ?? [], own: ownAddress?.() },
      resolve,
    );
  }

  /** The rule's owner starts it, with what they may do by now. */
  async function toPipeline(row: DeliveryRow): Promise<Sent & { runId?: string }> {
    if (startPipeline === undefined) return { outcome: "never", error: "This server runs no pipelines." };
    const { parameters, owner } = JSON.parse(row.body) as {
      parameters: Record<string, string | number | boolean>;
      owner?: string;
    };
    if (owner === undefined)
      return { outcome: "never", error: "Nobody answers for the rule's action; save the rule again." };
    const { project_id: projectId, target_id: pipeline, incident_id: incidentId } = row;
    const wanted = { projectId, pipeline, parameters, incidentId, key: `incident:${incidentId}` };
    const { runId } = await startPipeline(actingOwner(owner, { projectId, incidentId }), wanted);
    return { outcome: "delivered", status: 200, runId };
  }
}
