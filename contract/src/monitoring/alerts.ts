import { z } from "zod";
import { endpoint } from "../http.ts";
import { description, done, id, name, page, pageOf, text, time, word } from "./fields.ts";
import { monitorMetric } from "./metrics.ts";

const CHANNELS_MAX = 10; // Of one rule: each gets its own delivery, retried by itself.
const PARAMETERS_BYTES_MAX = 4096; // They travel in an event, which holds 8 KiB.

export const severity = z.enum(["info", "warning", "critical"]);
export type Severity = z.output<typeof severity>;

/** What an incident does besides telling: it starts a pipeline, as the person who wrote the rule could. */
const action = z.strictObject({
  pipeline: word,
  parameters: z
    .record(word, z.union([z.string().max(2000), z.number(), z.boolean()]))
    .refine((given) => JSON.stringify(given).length <= PARAMETERS_BYTES_MAX, "At most 4 KiB as JSON.")
    .default({}),
});

const ruleSettings = {
  name,
  metric: monitorMetric,
  /** For metrics of columns; without one, the worst of all watched columns counts. */
  column: word.optional(),
  segment: z.string().min(1).max(63).default("all"),
  comparison: z.enum(["above", "below"]),
  threshold: z.number(),
  /** Back to normal is only beyond this, so that a value at the threshold does not flap; the threshold when not given. */
  clearThreshold: z.number().optional(),
  /** So many windows in a row open an incident, and as many resolve it. */
  windows: z.number().int().min(1).max(50).default(1),
  severity: severity.default("warning"),
  channels: z.array(id).max(CHANNELS_MAX).default([]),
  action: action.optional(),
  enabled: z.boolean().default(true),
};

export const alertRule = z.object({
  ...ruleSettings,
  id: z.string(),
  monitorId: z.string(),
  /** Who last saved it, when it has an action: that is started with their rights, as they are when it fires. */
  actsAs: z.string().optional(),
  createdBy: z.string(),
  createdMs: time,
  updatedMs: time,
});
export type AlertRule = z.output<typeof alertRule>;
export const newAlertRule = z.strictObject({ monitorId: id, ...ruleSettings });
export type NewAlertRule = z.output<typeof newAlertRule>;

export const incidentState = z.enum(["open", "acknowledged", "resolved"]);
export const incident = z.object({
  id: z.string(),
  ruleId: z.string(),
  rule: z.string(),
  monitorId: z.string(),
  monitor: z.string(),
  state: incidentState,
  severity,
  metric: monitorMetric,
  column: z.string().optional(),
  segment: z.string(),
  comparison: z.enum(["above", "below"]),
  threshold: z.number(),
  /** In the window that opened it, and in the newest one since. */
  value: z.number(),
  lastValue: z.number(),
  windowStartMs: time,
  lastWindowStartMs: time,
  openedMs: time,
  acknowledgedMs: time.optional(),
  acknowledgedBy: z.string().optional(),
  resolvedMs: time.optional(),
  /** A person, or absent when the values came back by themselves. */
  resolvedBy: z.string().optional(),
  note: z.string(),
  /** The pipeline run that its rule's action started. */
  pipelineRunId: z.string().optional(),
  /** The silence that keeps it from being told. */
  silencedBy: z.string().optional(),
});
export type Incident = z.output<typeof incident>;

/** What a silence looks at; all of its matchers must hold. */
const matcher = z.strictObject({
  name: z.enum(["monitor", "rule", "severity", "segment", "column", "metric"]),
  /** A name or an id, whole. */
  value: text(250).min(1),
});
export const silence = z.object({
  id: z.string(),
  matchers: z.array(matcher),
  startsMs: time,
  endsMs: time,
  comment: z.string(),
  createdBy: z.string(),
  createdMs: time,
});
export type Silence = z.output<typeof silence>;

const channelSettings = {
  name,
  kind: z.literal("webhook").default("webhook"),
  url: z.url({ protocol: /^https?$/ }).max(2000),
  /** The project secret that signs: its name, never its value. */
  secret: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, "Name a secret of the project, as it is written there."),
  enabled: z.boolean().default(true),
};
export const channel = z.object({
  ...channelSettings,
  id: z.string(),
  createdBy: z.string(),
  createdMs: time,
  updatedMs: time,
});
export type Channel = z.output<typeof channel>;

/** One message to one place, with what became of it. */
export const delivery = z.object({
  id: z.string(),
  target: z.enum(["webhook", "pipeline"]),
  /** The channel's or the pipeline's name. */
  name: z.string(),
  channelId: z.string().optional(),
  incidentId: z.string().optional(),
  /** `incident.opened`, `incident.resolved` or `channel.tested`. */
  event: z.string(),
  state: z.enum(["pending", "delivered", "failed"]),
  attempts: z.number().int(),
  createdMs: time,
  nextTryMs: time.optional(),
  endedMs: time.optional(),
  lastStatus: z.number().int().optional(),
  lastError: z.string().optional(),
});
export type Delivery = z.output<typeof delivery>;

/** What a rule would have said to the windows that there are. */
export const ruleTest = z.object({
  /** Windows that have a number for it, oldest first; of several columns the worst. */
  points: z.array(z.object({ startMs: time, value: z.number(), column: z.string().optional() })),
  /** Incidents that it would have opened, by the windows that opened and resolved them. */
  incidents: z.array(z.object({ openedMs: time, resolvedMs: time.optional(), worst: z.number() })),
});
export type RuleTest = z.output<typeof ruleTest>;

const byRule = z.object({ rule: id });
const byIncident = z.object({ incident: id });
const byChannel = z.object({ channel: id });
const note = z.strictObject({ note: description.default("") });

export const rulesApi = {
  listRules: endpoint({
    method: "GET",
    path: "/alert-rules",
    permission: "monitor:read",
    scope: "project",
    summary: "Alert rules, of one monitor or of all.",
    query: z.object({ ...page, monitorId: id.optional() }),
    answer: pageOf(alertRule),
  }),
  createRule: endpoint({
    method: "POST",
    path: "/alert-rules",
    permission: "monitor:write",
    scope: "project",
    summary: "Adds a rule to a monitor; with an action it also asks for pipeline:write.",
    body: newAlertRule,
    answer: alertRule,
    status: 201,
  }),
  testRule: endpoint({
    method: "POST",
    path: "/alert-rules/test",
    permission: "monitor:read",
    scope: "project",
    summary: "Says what a rule would have done in the newest 500 windows; it changes nothing.",
    body: newAlertRule,
    answer: ruleTest,
  }),
  replaceRule: endpoint({
    method: "PUT",
    path: "/alert-rules/:rule",
    permission: "monitor:write",
    scope: "project",
    summary: "Says anew what a rule is; its open incident is judged by it from the next window on.",
    params: byRule,
    body: z.strictObject(ruleSettings),
    answer: alertRule,
  }),
  deleteRule: endpoint({
    method: "DELETE",
    path: "/alert-rules/:rule",
    permission: "monitor:write",
    scope: "project",
    summary: "Deletes a rule with its incidents.",
    params: byRule,
    answer: done,
  }),
};

export const incidentsApi = {
  listIncidents: endpoint({
    method: "GET",
    path: "/incidents",
    permission: "monitor:read",
    scope: "project",
    summary: "Incidents, newest first; `unresolved` are those open or acknowledged.",
    query: z.object({
      ...page,
      monitorId: id.optional(),
      state: z.enum(["unresolved", ...incidentState.options]).optional(),
    }),
    answer: pageOf(incident),
  }),
  getIncident: endpoint({
    method: "GET",
    path: "/incidents/:incident",
    permission: "monitor:read",
    scope: "project",
    summary: "One incident.",
    params: byIncident,
    answer: incident,
  }),
  acknowledgeIncident: endpoint({
    method: "POST",
    path: "/incidents/:incident/acknowledge",
    permission: "monitor:write",
    scope: "project",
    summary: "Says that somebody looks after it.",
    params: byIncident,
    body: note,
    answer: incident,
  }),
  resolveIncident: endpoint({
    method: "POST",
    path: "/incidents/:incident/resolve",
    permission: "monitor:write",
    scope: "project",
    summary: "Ends it; only windows after the newest one can open another.",
    params: byIncident,
    body: note,
    answer: incident,
  }),
  listSilences: endpoint({
    method: "GET",
    path: "/silences",
    permission: "monitor:read",
    scope: "project",
    summary: "Silences that hold or will, or all of them, newest first.",
    query: z.object({ ...page, ended: z.enum(["left out", "included"]).default("left out") }),
    answer: pageOf(silence),
  }),
  createSilence: endpoint({
    method: "POST",
    path: "/silences",
    permission: "monitor:write",
    scope: "project",
    summary: "Keeps matching incidents from being told until its end; those still open are told then.",
    body: z.strictObject({
      matchers: z.array(matcher).min(1).max(10),
      startsMs: time.optional(),
      endsMs: time,
      comment: description.default(""),
    }),
    answer: silence,
    status: 201,
  }),
  endSilence: endpoint({
    method: "DELETE",
    path: "/silences/:silence",
    permission: "monitor:write",
    scope: "project",
    summary: "Ends a silence now.",
    params: z.object({ silence: id }),
    answer: silence,
  }),
};

export const channelsApi = {
  listChannels: endpoint({
    method: "GET",
    path: "/alert-channels",
    permission: "monitor:read",
    scope: "project",
    summary: "Where incidents are told.",
    query: z.object(page),
    answer: pageOf(channel),
  }),
  createChannel: endpoint({
    method: "POST",
    path: "/alert-channels",
    permission: "monitor:write",
    scope: "project",
    summary: "Adds a webhook, signed with a secret of the project; asks for secret:read.",
    body: z.strictObject(channelSettings),
    answer: channel,
    status: 201,
  }),
  replaceChannel: endpoint({
    method: "PUT",
    path: "/alert-channels/:channel",
    permission: "monitor:write",
    scope: "project",
    summary: "Says anew what a channel is.",
    params: byChannel,
    body: z.strictObject(channelSettings),
    answer: channel,
  }),
  deleteChannel: endpoint({
    method: "DELETE",
    path: "/alert-channels/:channel",
    permission: "monitor:write",
    scope: "project",
    summary: "Deletes a channel; what waits for it is not sent.",
    params: byChannel,
    answer: done,
  }),
  testChannel: endpoint({
    method: "POST",
    path: "/alert-channels/:channel/test",
    permission: "monitor:write",
    scope: "project",
    summary: "Sends a message of no consequence; the deliveries say what became of it.",
    params: byChannel,
    answer: delivery,
    status: 202,
  }),
  listDeliveries: endpoint({
    method: "GET",
    path: "/alert-deliveries",
    permission: "monitor:read",
    scope: "project",
    summary: "What was sent, or is to be, newest first.",
    query: z.object({ ...page, channelId: id.optional(), incidentId: id.optional() }),
    answer: pageOf(delivery),
  }),
  retryDelivery: endpoint({
    method: "POST",
    path: "/alert-deliveries/:delivery/retry",
    permission: "monitor:write",
    scope: "project",
    summary: "Tries a failed delivery once more from the start.",
    params: z.object({ delivery: id }),
    answer: delivery,
    status: 202,
  }),
};
