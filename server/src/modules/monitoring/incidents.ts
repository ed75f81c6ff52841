import type { Incident, Silence } from "@atrium/contract/monitoring";
import { AppError } from "#lib/errors";
import { newId } from "#lib/ids";
import { keysetPage, type Page } from "#lib/paging";
import type { Actor } from "#modules/identity";
import type { Tx } from "#ports/database";
import type { MonitoringDeps } from "./deps.ts";
import { found, type Gate } from "./gate.ts";
import { newsOf } from "./judging.ts";
import type { PageAsked } from "./monitors.ts";
import * as alerts from "./queries/alerts.ts";
import type { IncidentRow, SilenceRow } from "./tables.ts";
import type { Telling } from "./telling.ts";
import { incidentOf, silenceOf } from "./view.ts";

const SILENCE_MS_MAX = 366 * 24 * 3600 * 1000; // A longer one is a rule that should be deleted.
const STATES: Record<"unresolved" | IncidentRow["state"], readonly IncidentRow["state"][]> = {
  unresolved: ["open", "acknowledged"],
  open: ["open"],
  acknowledged: ["acknowledged"],
  resolved: ["resolved"],
};
const ALL_STATES: readonly IncidentRow["state"][] = ["open", "acknowledged", "resolved"];

export interface IncidentsAsked extends PageAsked {
  monitorId?: string | undefined;
  state?: keyof typeof STATES | undefined;
}

export interface NewSilence {
  matchers: Silence["matchers"];
  startsMs?: number | undefined;
  endsMs: number;
  comment: string;
}

export interface Incidents {
  list(actor: Actor, projectId: string, asked: IncidentsAsked): Promise<Page<Incident>>;
  get(actor: Actor, projectId: string, id: string): Promise<Incident>;
  /** @throws AppError `conflict` when it is resolved */
  acknowledge(actor: Actor, at: { projectId: string; incident: string }, note: string): Promise<Incident>;
  /** Windows up to its newest one can open no other incident of the rule. @throws AppError `conflict` */
  resolve(actor: Actor, at: { projectId: string; incident: string }, note: string): Promise<Incident>;
  listSilences(
    actor: Actor,
    projectId: string,
    asked: PageAsked & { ended: "left out" | "included" },
  ): Promise<Page<Silence>>;
  createSilence(actor: Actor, projectId: string, given: NewSilence): Promise<Silence>;
  endSilence(actor: Actor, projectId: string, id: string): Promise<Silence>;
}

export function createIncidents(
  deps: Pick<MonitoringDeps, "db" | "clock">,
  gate: Gate,
  telling: Telling,
): Incidents {
  const { db, clock } = deps;
  return { list, get, acknowledge, resolve, listSilences, createSilence, endSilence };

  async function list(actor: Actor, projectId: string, asked: IncidentsAsked): Promise<Page<Incident>> {
    await gate.admit(actor, "monitor:read", projectId);
    const { monitorId, state, pageSize, pageToken } = asked;
    const at = { projectId, monitorId, states: state === undefined ? ALL_STATES : STATES[state] };
    return keysetPage({
      ...{ pageSize, pageToken },
      question: ["incidents", projectId, monitorId ?? null, state ?? null],
      kinds: ["text"],
      rows: (after, limit) =>
        alerts.incidentsPage(db.reader, at, { before: after && String(after[0]), limit }),
      show: (rows) => Promise.all(rows.map((row) => show(db.reader, row))),
      position: (row) => [row.id],
    });
  }

  async function get(actor: Actor, projectId: string, id: string): Promise<Incident> {
    await gate.admit(actor, "monitor:read", projectId);
    return show(db.reader, found(await alerts.incident(db.reader, projectId, id), `incident ${id}`));
  }

  function acknowledge(actor: Actor, at: { projectId: string; incident: string }, note: string) {
    return change(actor, at, async (tx, row) => {
      const changes = {
        state: "acknowledged" as const,
        acknowledged_ms: clock.now(),
        acknowledged_by: actor.name,
        ...(note === "" ? {} : { note }),
      };
      await alerts.changeIncident(tx, row.id, changes);
      return { row: { ...row, ...changes }, action: "incident.acknowledged" };
    });
  }

  function resolve(actor: Actor, at: { projectId: string; incident: string }, note: string) {
    return change(actor, at, async (tx, row) => {
      const changes = {
        state: "resolved" as const,
        resolved_ms: clock.now(),
        resolved_by: actor.name,
        ...(note === "" ? {} : { note }),
      };
      await alerts.changeIncident(tx, row.id, changes);
      await alerts.changeRule(tx, row.rule_id, { settled_ms: row.last_window_start_ms });
      const resolved = { ...row, ...changes };
      await telling.tellResolved(tx, resolved);
      return { row: resolved, action: "incident.resolved" };
    });
  }

  async function change(
    actor: Actor,
    at: { projectId: string; incident: string },
    work: (tx: Tx, row: IncidentRow) => Promise<{ row: IncidentRow; action: string }>,
  ): Promise<Incident> {
    await gate.admit(actor, "monitor:write", at.projectId);
    return db.transaction(async (tx) => {
      const standing = await alerts.incident(tx, at.projectId, at.incident);
      const row = found(
        standing && (await alerts.incidentToChange(tx, standing.id)),
        `incident ${at.incident}`,
      );
      if (row.state === "resolved") {
        throw new AppError(
          "conflict",
          `Incident ${row.id} is resolved already; a new breach opens a new one.`,
        );
      }
      const changed = await work(tx, row);
      await gate.tell(tx, actor, newsOf(changed.action, changed.row));
      return show(tx, changed.row);
    });
  }

  async function show(tx: Tx, row: IncidentRow): Promise<Incident> {
    const quiet = row.state === "resolved" ? undefined : await telling.silencedBy(tx, row);
    return { ...incidentOf(row), ...(quiet === undefined ? {} : { silencedBy: quiet }) };
  }

  async function listSilences(
    actor: Actor,
    projectId: string,
    asked: PageAsked & { ended: "left out" | "included" },
  ): Promise<Page<Silence>> {
    await gate.admit(actor, "monitor:read", projectId);
    const { ended, pageSize, pageToken } = asked;
    const at = { projectId, endingAfterMs: ended === "included" ? -1 : clock.now() };
    return keysetPage({
      ...{ pageSize, pageToken },
      question: ["silences", projectId, ended],
      kinds: ["text"],
      rows: (after, limit) =>
        alerts.silencesPage(db.reader, at, { before: after && String(after[0]), limit }),
      show: (rows) => rows.map(silenceOf),
      position: (row) => [row.id],
    });
  }

  async function createSilence(actor: Actor, projectId: string, given: NewSilence): Promise<Silence> {
    await gate.admit(actor, "monitor:write", projectId);
    const nowMs = clock.now();
    const startsMs = given.startsMs ?? nowMs;
    if (given.endsMs <= Math.max(startsMs, nowMs) || given.endsMs - startsMs > SILENCE_MS_MAX) {
      throw new AppError("invalid", "A silence ends in the future, after it begins, and within 366 days.", {
        at: "body.endsMs",
      });
    }
    const row: SilenceRow = {
      id: newId(),
      project_id: projectId,
      matchers: JSON.stringify(given.matchers),
      starts_ms: startsMs,
      ends_ms: given.endsMs,
      comment: given.comment,
      created_by: actor.name,
      created_ms: nowMs,
    };
    return db.transaction(async (tx) => {
      await alerts.addSilence(tx, row);
      await gate.tell(tx, actor, silenceNews("silence.created", row));
      return silenceOf(row);
    });
  }

  async function endSilence(actor: Actor, projectId: string, id: string): Promise<Silence> {
    await gate.admit(actor, "monitor:write", projectId);
    return db.transaction(async (tx) => {
      const row = found(await alerts.silenceToChange(tx, projectId, id), `silence ${id}`);
      if (row.ends_ms <= clock.now()) throw new AppError("conflict", `Silence ${id} has ended already.`);
      const ended = { ...row, ends_ms: clock.now() };
      await alerts.endSilence(tx, id, ended.ends_ms);
      await gate.tell(tx, actor, silenceNews("silence.ended", ended));
      return silenceOf(ended);
    });
  }
}

function silenceNews(action: string, row: SilenceRow) {
  const resource = { type: "silence", id: row.id, name: row.comment.slice(0, 100) };
  return { action, projectId: row.project_id, resource, details: { endsMs: row.ends_ms } };
}
