import { AppError } from "#lib/errors";
import { SYSTEM } from "#modules/identity";
import type { DatasetsDeps } from "./deps.ts";
import type { NumberedVersionAt } from "./door.ts";
import type { VersionRow } from "./tables.ts";

const NAMED = 5;

/** What stands on a version, as lineage knows it. */
export function createUses({ lineage }: Pick<DatasetsDeps, "lineage">) {
  return { refuseUsed };

  /** @throws AppError `conflict` when something was made of it, or somebody vouches for it */
  async function refuseUsed(at: NumberedVersionAt, row: Pick<VersionRow, "certified_ms">): Promise<void> {
    const called = `Version ${at.version} of ${at.name}`;
    if (row.certified_ms !== null) {
      throw new AppError("conflict", `${called} is certified; withdraw that first, or force the deletion.`, {
        reason: "certified",
      });
    }
    // The server looks, not the caller: that something stands on it must count even if they may not see what.
    const { edges } = await lineage.walk(SYSTEM, {
      projectId: at.projectId,
      from: { type: "dataset", id: at.name, version: String(at.version) },
      direction: "down",
      depthMax: 1,
    });
    if (edges.length === 0) return;
    const users = new Set(
      edges
        .flatMap(({ from, to }) => [from, to])
        .filter(({ type, id }) => type !== "dataset" || id !== at.name),
    );
    const named = [...users].slice(0, NAMED).map(({ type, id }) => `${type} ${id}`);
    const list = named.length === 0 ? "another version" : named.join(", ");
    throw new AppError("conflict", `${called} is used by ${list}; force the deletion if that is meant.`, {
      reason: "in_use",
    });
  }
}
