import type { ServingDeps } from "./deps.ts";
import { type LiveDeployment, type LiveEndpoint, labelsOf } from "./live.ts";

const FAILURE_EVERY_MS = 1000; // A deployment that fails a thousand times a second says so once, with the count.
const ROLE = "endpoint";

/** What an endpoint says of itself in its project's log, found by the same labels as its metrics and its engines' lines. */
export interface EndpointLog {
  /** A request that ended with 500 or more. */
  failed(live: LiveEndpoint, deployment: LiveDeployment, why: { status: number; message: string }): void;
  /** A deployment became something else. */
  deployment(
    of: { projectId: string; name: string; deployment: LiveDeployment },
    level: "info" | "warn",
    message: string,
  ): void;
  /** Predictions that were answered are not in the log. */
  lost(live: LiveEndpoint, rows: number, why: string): void;
  /** Requests are answered by this routing from now on. */
  routed(live: LiveEndpoint): void;
}

export function createEndpointLog({ clock, writeLog }: Pick<ServingDeps, "clock" | "writeLog">): EndpointLog {
  const quiet = new WeakMap<LiveDeployment, { saidMs: number; left: number }>();
  return {
    failed(live, deployment, { status, message }) {
      const nowMs = clock.now();
      const standing = quiet.get(deployment);
      if (standing !== undefined && nowMs - standing.saidMs < FAILURE_EVERY_MS) {
        standing.left += 1;
        return;
      }
      const others =
        standing === undefined || standing.left === 0 ? "" : ` (and ${standing.left} more before it)`;
      quiet.set(deployment, { saidMs: nowMs, left: 0 });
      say(live, deployment, {
        level: "warn",
        message: `A request was answered ${status}${others}: ${message}`,
      });
    },
    deployment: ({ projectId, name, deployment }, level, message) =>
      say({ projectId, name }, deployment, { level, message }),
    lost({ projectId, name }, rows, why) {
      const message = `${rows} predictions were answered and are not in the log: ${why}`;
      writeLog([{ projectId, level: "warn", message, labels: { role: ROLE, endpoint: name } }]);
    },
    routed({ projectId, name, revision, routes }) {
      const shares = routes.map(({ deployment: { number, model }, weight }) => {
        return `${Math.round(weight)} % to deployment ${number} (${model.name}/${model.version})`;
      });
      const message = `Revision ${revision} answers: ${shares.join(", ") || "nothing is routed to"}.`;
      writeLog([{ projectId, level: "info", message, labels: { role: ROLE, endpoint: name } }]);
    },
  };

  function say(
    { projectId, name }: { projectId: string; name: string },
    deployment: LiveDeployment,
    { level, message }: { level: "info" | "warn"; message: string },
  ): void {
    writeLog([{ projectId, level, message, labels: { role: ROLE, ...labelsOf(name, deployment) } }]);
  }
}
