import { AppError } from "#lib/errors";
import type { TelemetryDeps } from "./deps.ts";
import { telemetryKey } from "./seals.ts";

/** The key of a project's lines, or of the instance's own for an empty id; undefined when the project is purged. */
export type LogKeys = (projectId: string) => Promise<Buffer | undefined>;

/** Nothing is remembered here, so that a purged project's key is gone when projects forgets it. */
export function createLogKeys({
  projects,
  instanceKey,
}: Pick<TelemetryDeps, "projects" | "instanceKey">): LogKeys {
  return async (projectId) => {
    if (projectId === "") return telemetryKey(await instanceKey());
    try {
      return telemetryKey(await projects.keys.keyOf(projectId));
    } catch (thrown) {
      if (thrown instanceof AppError && thrown.code === "not_found") return undefined;
      throw thrown;
    }
  };
}
