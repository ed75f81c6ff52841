import type { IncomingMessage } from "node:http";
import type { FastifyInstance } from "fastify";

export const RUN_OFF_MS = 30_000; // Some hundred megabytes over a slow line; who sends more is cut off.

/**
 * Lets a refused sender finish before it is answered: most clients read nothing until all they have is sent, and a
 * connection closed under them looks like a broken network instead of the refusal that it is.
 */
export function letUploadsRunOff(app: FastifyInstance): void {
  app.addHook("onSend", async ({ raw }, reply) => {
    const hasAll = raw.complete || raw.readableEnded || raw.destroyed;
    if (reply.statusCode >= 400 && !hasAll) await runOff(raw);
  });
}

function runOff(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, RUN_OFF_MS);
    const over = () => {
      clearTimeout(timer);
      resolve();
    };
    request.once("end", over).once("error", over).once("close", over);
    request.resume();
  });
}
