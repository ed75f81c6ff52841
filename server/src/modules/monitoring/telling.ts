import { newId } from "#lib/ids";
import { newlyDue } from "#lib/webhook";
import type { Tx } from "#ports/database";
import type { MonitoringDeps } from "./deps.ts";
import * as alerts from "./queries/alerts.ts";
import * as deliveries from "./queries/deliveries.ts";
import { silences } from "./silence.ts";
import type { DeliveryRow, IncidentRow } from "./tables.ts";
import { incidentOf, rememberedRule, silenceOf } from "./view.ts";

type Occasion = "incident.opened" | "incident.resolved";

export type Telling = ReturnType<typeof createTelling>;

/** Writes down what is to be sent, in the transaction that causes it; the worker sends it. */
export function createTelling({ clock, startPipeline }: Pick<MonitoringDeps, "clock" | "startPipeline">) {
  return { tellOpened, tellResolved, silencedBy };

  /** Tells of an open incident unless a silence holds; true when it was told. */
  async function tellOpened(tx: Tx, incident: IncidentRow): Promise<boolean> {
    if ((await silencedBy(tx, incident)) !== undefined) return false;
    await toChannels(tx, incident, "incident.opened");
    const { action, owner } = rememberedRule(incident);
    if (action !== undefined && startPipeline !== undefined) {
      const body = JSON.stringify({ parameters: action.parameters, openedBy: incident.rule_id, owner });
      await add(tx, incident, {
        target: "pipeline",
        target_id: action.pipeline,
        event: "incident.opened",
        body,
      });
    }
    await alerts.changeIncident(tx, incident.id, { told_ms: clock.now() });
    return true;
  }

  /** Whoever was told that it opened is told that it ended. */
  async function tellResolved(tx: Tx, incident: IncidentRow): Promise<void> {
    if (incident.told_ms === null || (await silencedBy(tx, incident)) !== undefined) return;
    await toChannels(tx, incident, "incident.resolved");
  }

  /** The silence that keeps an incident quiet now. */
  async function silencedBy(tx: Tx, incident: IncidentRow): Promise<string | undefined> {
    const about = {
      rule: rememberedRule(incident),
      ruleId: incident.rule_id,
      monitorId: incident.monitor_id,
    };
    const holding = await alerts.silencesAt(tx, incident.project_id, clock.now());
    return holding.find((row) => silences(silenceOf(row), about))?.id;
  }

  async function toChannels(tx: Tx, incident: IncidentRow, event: Occasion): Promise<void> {
    const { channels } = rememberedRule(incident);
    const shown = incidentOf(incident);
    const body = JSON.stringify({ event, projectId: incident.project_id, incident: shown });
    for (const channel of await alerts.channels(tx, incident.project_id, channels)) {
      await add(tx, incident, { target: "webhook", target_id: channel.id, event, body });
    }
  }

  async function add(
    tx: Tx,
    incident: IncidentRow,
    message: Pick<DeliveryRow, "target" | "target_id" | "event" | "body">,
  ): Promise<void> {
    const about = { project_id: incident.project_id, incident_id: incident.id };
    await deliveries.addDelivery(tx, newDelivery({ ...message, ...about }, clock.now()));
  }
}

export function newDelivery(
  message: Pick<DeliveryRow, "target" | "target_id" | "event" | "body" | "project_id" | "incident_id">,
  nowMs: number,
): DeliveryRow {
  return {
    ...message,
    id: newId(),
    ...newlyDue(nowMs),
  };
}
