import { randomBytes } from "node:crypto";
import type { AlertRule, Monitor, MonitorSettings, NewAlertRule } from "@atrium/contract/monitoring";
import { AppError } from "#lib/errors";
import type { Monitoring } from "#modules/monitoring";
import type { Projects } from "#modules/projects";
import { done, notYet, type Outcome, type Round, type Step } from "../step.ts";
import { calendarOf, DAY_MS, dayOf, REPLAYED_DAYS } from "./calendar.ts";
import { ENDPOINT, MONITOR, PIPELINE, SERVICE } from "./names.ts";

const CHANNEL = "this server";
/** Signs what the channel sends; whoever receives it checks by the same value. */
export const SIGNING_SECRET = "SAMPLE_WEBHOOK";
const SECRET_BYTES = 32;
const LATE_FROM = 0.3; // Of a flight that comes late one in three times people say that it is often late.
// One of each kind: what is asked, how busy an airport was, how late its flights were.
const INPUTS = ["distance", "hour", "count_7d", "mean_late_7d", "mean_delay_7d"];

export interface WatchingDeps {
  monitoring: Monitoring;
  projects: Pick<Projects, "listSecrets" | "setSecret">;
  /** Where this server takes the sample's alerts; undefined while it listens nowhere. */
  inbox(): string | undefined;
}

/** A monitor over the replayed month, rules that look at it, and a webhook that hears of what they find. */
export function monitoringStep(deps: WatchingDeps): Step {
  const { monitoring, projects, inbox } = deps;
  return {
    name: "monitoring",
    title: "Drift, quality and performance watched, with an alert",
    leadsTo: { kind: "monitor", name: MONITOR },
    round,
  };

  async function round(given: Round): Promise<Outcome> {
    const { actor, projectId, begunMs } = given;
    const channel = await channelId(given);
    if (channel === undefined) return notYet("waiting for the server to listen");
    const monitor = await findOrCreate(given);
    const rules = await rulesOf(given, monitor, channel);
    const { replayedMs } = calendarOf(begunMs);
    const watched = monitor.lastWindow?.endMs ?? 0;
    if (monitor.problem !== undefined) throw new AppError("conflict", monitor.problem);
    if (watched < replayedMs) {
      const days = Math.max(0, REPLAYED_DAYS - Math.ceil((replayedMs - watched) / DAY_MS));
      return notYet(`${days} of ${REPLAYED_DAYS} days compared`);
    }
    const incidents = await monitoring.incidents.list(actor, projectId, {
      ...{ monitorId: monitor.id, pageSize: 100 },
    });
    const deliveries = await monitoring.channels.deliveries(actor, projectId, {
      ...{ channelId: channel, pageSize: 100 },
    });
    const told = deliveries.items.filter(({ state }) => state !== "pending").length;
    if (told < deliveries.items.length) return notYet("the webhook is being sent");
    const names = [...new Set(incidents.items.map(({ rule }) => rule))];
    const found = names.length === 0 ? "no rule fired" : `fired: ${names.join(", ")}`;
    const sent = `${told} ${told === 1 ? "webhook" : "webhooks"} sent`;
    return done(`${REPLAYED_DAYS} days, ${rules.length} rules, ${found}; ${sent}`);
  }

  async function channelId({ actor, projectId }: Round): Promise<string | undefined> {
    const url = inbox();
    if (url === undefined) return undefined;
    const secrets = await projects.listSecrets(actor, projectId);
    if (!secrets.some(({ name }) => name === SIGNING_SECRET)) {
      const value = randomBytes(SECRET_BYTES).toString("base64");
      await projects.setSecret(actor, projectId, SIGNING_SECRET, value);
    }
    const { items } = await monitoring.channels.list(actor, projectId, { pageSize: 100 });
    const settings = { name: CHANNEL, kind: "webhook" as const, url, secret: SIGNING_SECRET, enabled: true };
    const standing = items.find(({ name }) => name === CHANNEL);
    return (standing ?? (await monitoring.channels.create(actor, projectId, settings))).id;
  }

  async function findOrCreate({ actor, projectId, begunMs }: Round): Promise<Monitor> {
    const { items } = await monitoring.monitors.list(actor, projectId, { pageSize: 200 });
    const standing = items.find(({ name }) => name === MONITOR);
    return standing ?? (await monitoring.monitors.create(actor, projectId, settingsOf(begunMs)));
  }

  async function rulesOf(
    { actor, projectId, begunMs }: Round,
    { id: monitorId }: Monitor,
    channel: string,
  ): Promise<AlertRule[]> {
    const { items } = await monitoring.rules.list(actor, projectId, { monitorId, pageSize: 100 });
    const missing = wantedRules(begunMs, { monitorId, channel }).filter(
      ({ name }) => !items.some((one) => one.name === name),
    );
    const added: AlertRule[] = [];
    for (const rule of missing) added.push(await monitoring.rules.create(actor, projectId, rule));
    return [...items, ...added];
  }
}

function settingsOf(begunMs: number): MonitorSettings {
  return {
    name: MONITOR,
    description: "A day of the endpoint beside the training set, with what came true a day later.",
    source: { kind: "endpoint", endpoint: ENDPOINT },
    reference: { kind: "training-set", trainingSet: SERVICE },
    columns: INPUTS.map((name) => ({ name: `input_${name}`, role: "feature", kind: "number" })),
    segments: [],
    performance: {
      task: "classification",
      prediction: "output_prediction",
      score: "output_prediction",
      threshold: LATE_FROM,
      positive: "1",
    },
    windowMs: DAY_MS,
    settleMs: 60_000,
    graceMs: 42 * DAY_MS, // Labels count by when they came: those of the replay come now, for flights of five weeks ago.
    rowsMin: 100,
    startMs: calendarOf(begunMs).presentMs,
  };
}

function wantedRules(
  begunMs: number,
  { monitorId, channel }: { monitorId: string; channel: string },
): NewAlertRule[] {
  const shared = { monitorId, segment: "all", windows: 2, channels: [channel], enabled: true };
  const lastDay = dayOf(calendarOf(begunMs).replayedMs - DAY_MS);
  return [
    {
      ...shared,
      name: "The airports are not those of the training",
      metric: "psi",
      column: "input_mean_late_7d",
      comparison: "above",
      threshold: 0.25, // What is called a great shift.
      severity: "warning",
      // The challenger is registered beside the champion: somebody has to look at it before it serves.
      action: { pipeline: PIPELINE, parameters: { last_day: lastDay, alias: "challenger" } },
    },
    {
      ...shared,
      name: "Many airports are new",
      metric: "newShare",
      comparison: "above",
      threshold: 0.1,
      severity: "info",
    },
  ];
}
