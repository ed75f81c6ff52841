import type { Experiment } from "@atrium/contract/tracking";
import { AppError } from "#lib/errors";
import { checkKey } from "./batch.ts";
import type { KeyValue } from "./door.ts";
import type { ExperimentRow } from "./tables.ts";

/** Every project has it, and runs go there when nothing else is said. */
export const DEFAULT_EXPERIMENT = { id: 0, name: "Default" };

const NAME_CHARS_MAX = 500;
const TAG_CHARS_MAX = 5000;
const TAGS_MAX = 1000; // Of one experiment: they come with every list.

export function makeExperiment(
  projectId: string,
  given: { id: number; name: string },
  nowMs: number,
): ExperimentRow {
  return {
    project_id: projectId,
    id: given.id,
    name: given.name,
    created_ms: nowMs,
    updated_ms: nowMs,
    deleted: 0,
    restores: 0,
    runs: 0,
    deleted_runs: 0,
  };
}

/** @throws AppError `invalid` */
export function checkName(name: string): string {
  if (name === "" || name.includes("\0")) {
    throw new AppError("invalid", `Invalid experiment name: '${name.replaceAll("\0", "\\0")}'`, {
      at: "name",
    });
  }
  if (name.length > NAME_CHARS_MAX) {
    throw new AppError("invalid", `'name' exceeds the maximum length of ${NAME_CHARS_MAX} characters`, {
      at: "name",
    });
  }
  return name.toWellFormed();
}

/** Tags of an experiment; unlike those of a run, long ones are refused. @throws AppError `invalid` */
export function checkExperimentTags(tags: readonly KeyValue[]): KeyValue[] {
  const byKey = new Map<string, string>();
  for (const { key, value } of tags) {
    checkKey(key, "key");
    if (value.length > TAG_CHARS_MAX || value.includes("\0")) {
      throw new AppError("invalid", `'value' exceeds the maximum length of ${TAG_CHARS_MAX} characters`, {
        at: "value",
      });
    }
    byKey.set(key, value.toWellFormed());
  }
  if (byKey.size > TAGS_MAX) throw tooManyTags();
  return [...byKey].map(([key, value]) => ({ key, value }));
}

/** @throws AppError `invalid` */
export function checkTagCount(count: number): void {
  if (count > TAGS_MAX) throw tooManyTags();
}

function tooManyTags(): AppError {
  return new AppError("invalid", `An experiment holds at most ${TAGS_MAX} tags; delete some first.`);
}

/** The number that an experiment's id is. @throws AppError `invalid` when it is none, `not_found` when none is so great */
export function parseExperimentId(id: string): number {
  const number = experimentNumber(id);
  if (number === undefined) throw noExperiment(id.slice(0, 100));
  return number;
}

/** As `parseExperimentId`, but undefined for a number greater than any id. @throws AppError `invalid` */
export function experimentNumber(id: string): number | undefined {
  if (/^\d{1,15}$/.test(id)) return Number(id);
  if (/^\d+$/.test(id)) return undefined;
  throw new AppError(
    "invalid",
    `Invalid experiment ID '${id.slice(0, 100)}'. Experiment ID must be a valid integer.`,
    { at: "experiment_id" },
  );
}

/** @throws AppError `invalid` */
export function assertActive(row: ExperimentRow): void {
  if (row.deleted === 0) return;
  throw new AppError(
    "invalid",
    `The experiment ${row.id} must be in the 'active' state. Current state is deleted.`,
    { reason: "deleted" },
  );
}

export function noExperiment(id: string | number): AppError {
  return new AppError("not_found", `No Experiment with id=${id} exists`);
}

export function noExperimentTag(id: string, key: string): AppError {
  return new AppError("not_found", `No tag with name: ${key} in experiment with id ${id}`);
}

export function toExperiment(row: ExperimentRow, tags: readonly KeyValue[]): Experiment {
  return {
    id: String(row.id),
    name: row.name,
    lifecycle: row.deleted === 1 ? "deleted" : "active",
    createdMs: row.created_ms,
    updatedMs: row.updated_ms,
    tags: Object.fromEntries(tags.map(({ key, value }) => [key, value])),
  };
}
