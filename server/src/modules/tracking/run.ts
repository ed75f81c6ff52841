import type { RunStatus } from "@atrium/contract/tracking";
import { AppError } from "#lib/errors";
import type { KeyValue, NewRun, Run, RunChanges } from "./door.ts";
import { randomRunName } from "./run-name.ts";
import type { RunRow, StandingRunRow } from "./tables.ts";
import { quoted } from "./wording.ts";

const CHANGES_SHOWN_MAX = 10; // Of a batch: a message says what is wrong and does not repeat a megabyte of params.
const CHANGED_CHARS_MAX = 250; // Of each value there, with the same thought.
const NAME_CHARS_MAX = 500;
const OWNER_CHARS_MAX = 256;

/** Tags that clients write and read for things that a run knows itself; wiring says how they are called. */
export interface ClientTags {
  /** The run's name, once more. */
  runName: string;
  /** The run that this one is nested in. */
  parentRunId: string;
  /** The commit of the code that logs the run. */
  gitCommit: string;
  /** On a dataset that a run has read: what for. */
  datasetContext: string;
}

const ENDED: readonly RunStatus[] = ["FINISHED", "FAILED", "KILLED"];

export function isEnded(status: RunStatus): boolean {
  return ENDED.includes(status);
}

/** A new run's name, and its tags with the name among them. @throws AppError `invalid` when two names are given */
export function nameRun(
  given: Pick<NewRun, "name">,
  tags: readonly KeyValue[],
  nameTag: string,
): { name: string; tags: KeyValue[] } {
  const tagged = tags.find(({ key }) => key === nameTag)?.value;
  if (given.name && tagged !== undefined && given.name !== tagged) {
    throw new AppError(
      "invalid",
      `Both 'run_name' argument and '${nameTag}' tag are specified, but with different values ` +
        `(run_name='${given.name}', ${nameTag}='${tagged}').`,
    );
  }
  const name = checkRunName(given.name || tagged || randomRunName());
  const all = [...tags.filter(({ key }) => key !== nameTag), { key: nameTag, value: name }];
  return { name, tags: all.sort((a, b) => (a.key < b.key ? -1 : 1)) };
}

/** @throws AppError `invalid` */
export function checkRunName(name: string): string {
  if (name.includes("\0"))
    throw new AppError("invalid", "A run's name must not contain NUL.", { at: "name" });
  return [...name.toWellFormed()].slice(0, NAME_CHARS_MAX).join("");
}

/** @throws AppError `invalid` */
export function checkOwner(owner: string): string {
  if (owner.includes("\0"))
    throw new AppError("invalid", "A user's name must not contain NUL.", { at: "owner" });
  return owner.slice(0, OWNER_CHARS_MAX).toWellFormed();
}

/** @throws AppError `invalid` unless it is a whole number of milliseconds since 1970 */
export function checkTime(timeMs: number, at: string): number {
  if (Number.isSafeInteger(timeMs) && timeMs >= 0) return timeMs;
  throw new AppError("invalid", `${timeMs} is no time in whole milliseconds since 1970.`, { at });
}

/** What changes a run's own fields make. An end without a time is now; a run that goes on has no end. */
export function changeRun(
  row: RunRow,
  changes: RunChanges,
  nowMs: number,
): Partial<Pick<RunRow, "name" | "status" | "ended_ms">> {
  const made: Partial<Pick<RunRow, "name" | "status" | "ended_ms">> = {};
  if (changes.name) made.name = checkRunName(changes.name);
  if (changes.endedMs !== undefined) made.ended_ms = checkTime(changes.endedMs, "end_time");
  if (changes.status === undefined) return made;
  made.status = changes.status;
  if (!isEnded(changes.status)) made.ended_ms = changes.endedMs ?? null;
  else if (changes.endedMs === undefined && row.ended_ms === null) made.ended_ms = nowMs;
  return made;
}

/** @throws AppError `invalid` */
export function assertRunActive(row: StandingRunRow): void {
  if (row.is_deleted !== 1) return;
  throw new AppError(
    "invalid",
    `The run ${row.id} must be in the 'active' state. Current state is deleted.`,
    { reason: "deleted" },
  );
}

export function noRun(id: string): AppError {
  return new AppError("not_found", `Run with id=${id.slice(0, 256)} not found`);
}

export function noTag(runId: string, key: string): AppError {
  return new AppError("not_found", `No tag with name: ${key} in run with id ${runId}`);
}

/** A run is full. */
export function tooMany(what: string, most: number): AppError {
  return new AppError(
    "invalid",
    `A run holds at most ${most} ${what}; log to another run, nested in this one.`,
    {
      reason: "too_many",
    },
  );
}

/** Where a run's files begin, below the project. */
export function artifactPathOf(row: Pick<RunRow, "id" | "experiment_id">): string {
  return `${row.experiment_id}/${row.id}/artifacts`;
}

export function parentOf(run: Run, tags: ClientTags): string | undefined {
  return run.tags.find(({ key }) => key === tags.parentRunId)?.value;
}

/** The values with which a param would change. @throws AppError `invalid` with reason `param_changed` */
export function assertSameParams(
  runId: string,
  given: readonly KeyValue[],
  standing: readonly KeyValue[],
): void {
  const before = new Map(standing.map(({ key, value }) => [key, value]));
  const changed = given.flatMap(({ key, value }) => {
    const old = before.get(key);
    return old === undefined || old === value ? [] : [{ key, old, value }];
  });
  const [first] = changed;
  if (first === undefined) return;
  const message =
    given.length === 1
      ? `Param with key='${first.key}' was already logged with value='${first.old}' for run ID='${runId}'. ` +
        `Attempted logging new value '${first.value}'.`
      : `Params were already logged='${changesText(changed)}' for run ID='${runId}'.`;
  throw new AppError("invalid", `Changing param values is not allowed. ${message}`, {
    reason: "param_changed",
  });
}

/** As clients expect to read it: a list of Python's dictionaries. */
function changesText(changed: readonly { key: string; old: string; value: string }[]): string {
  const shown = changed.slice(0, CHANGES_SHOWN_MAX).map(({ key, old, value }) => {
    const texts = [key, old, value].map((text) => quoted(text.slice(0, CHANGED_CHARS_MAX)));
    return `{'key': ${texts[0]}, 'old_value': ${texts[1]}, 'new_value': ${texts[2]}}`;
  });
  return `[${shown.join(", ")}${changed.length > CHANGES_SHOWN_MAX ? ", …" : ""}]`;
}
