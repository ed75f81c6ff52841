import { seal, unseal } from "#lib/seal";
import type { ProjectKeys } from "#ports/secrets";
import type { VersionRow } from "./tables.ts";

/** What of a version it is: beside which version it is, this holds a sealed value to its place. */
type What = "profile" | `examples ${number}`;
type Of = Pick<VersionRow, "project_id" | "dataset_id" | "version">;

export interface Sealing {
  seal(of: Of, what: What, value: object): Promise<string>;
  /** @throws AppError `unavailable` when it was sealed with another key or for another place */
  open<T extends object>(of: Of, what: What, kept: string): Promise<T>;
}

/**
 * Values out of a version's rows that stand in the database: users' data, so they are sealed with their project's key,
 * also where the database itself is not ours to encrypt. Kept as Base64 of sealed JSON.
 */
export function createSealing(keys: ProjectKeys): Sealing {
  return {
    seal: async (of, what, value) => {
      const key = await keys.keyOf(of.project_id);
      return seal(key, Buffer.from(JSON.stringify(value)), contextOf(of, what)).toString("base64");
    },
    open: async (of, what, kept) => {
      if (isPlain(kept)) return JSON.parse(kept);
      const sealed = Buffer.from(kept, "base64");
      const key = await keys.keyOf(of.project_id);
      return JSON.parse(unseal(key, sealed, contextOf(of, what)).toString());
    },
  };
}

/** Written before these values were sealed: JSON, whose first character Base64 does not have. */
function isPlain(kept: string): boolean {
  return kept.startsWith("{") || kept.startsWith("[");
}

function contextOf({ dataset_id, version }: Of, what: What): string {
  return `dataset:${dataset_id}:${version}:${what}`;
}
