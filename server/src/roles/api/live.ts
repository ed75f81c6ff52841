import type { FastifyInstance, FastifyRequest } from "fastify";
import { AppError } from "#lib/errors";
import { openEventStream } from "#lib/event-stream";
import type { AccessControl } from "#modules/identity";
import type { DeliveredEvent, Events } from "#ports/events";

const RECHECK_MS = 10_000; // A revoked session or a lost grant stops hearing news within this time.
const BUFFERED_BYTES_MAX = 1024 * 1024; // A browser that reads slower is cut off and resumes from its position.
const STREAMS_MAX = 2_000; // One a browser; each costs a socket and a few kilobytes.

interface LiveOptions {
  events: Events;
  access: AccessControl;
  /** Throws when the caller may no longer be here. */
  stillSignedIn(request: FastifyRequest): Promise<unknown>;
}

/** One stream of news a browser: `GET /live?after=<position>`, resumable, filtered by what the caller may see. */
export function mountLive(app: FastifyInstance, options: LiveOptions): void {
  let open = 0;
  app.get(
    "/api/atrium/v1/live",
    { config: { permission: "signed-in", scope: "instance" } },
    async (request, reply) => {
      if (open >= STREAMS_MAX) return reply.code(503).header("retry-after", "5").send();
      open += 1;
      const visible = {
        projects: new Set(await options.access.visibleProjects(request.actor, "project:read")),
      };
      const raw = openEventStream(reply);
      const send = (event: DeliveredEvent): void => {
        if (event.projectId !== null && !visible.projects.has(event.projectId)) return;
        if (raw.writableLength > BUFFERED_BYTES_MAX) raw.destroy();
        else raw.write(`id: ${event.position}\ndata: ${JSON.stringify(event)}\n\n`);
      };
      const recheck = setInterval(() => {
        options
          .stillSignedIn(request)
          .then(() => options.access.visibleProjects(request.actor, "project:read"))
          .then(
            (projects) => {
              visible.projects = new Set(projects);
            },
            () => raw.end(),
          );
      }, RECHECK_MS);
      let unfollow = (): void => {};
      raw.once("close", () => {
        open -= 1;
        clearInterval(recheck);
        unfollow();
      });
      unfollow = await options.events.follow(positionOf(request), send).catch((thrown: unknown) => {
        if (!(thrown instanceof AppError) || !["invalid", "not_found"].includes(thrown.code)) {
          raw.end(); // The browser comes back by itself in a moment.
          throw thrown;
        }
        // What was missed can no longer be told: the page loads afresh, and hears what is new from here on.
        raw.write("event: reset\ndata: {}\n\n");
        return options.events.follow(undefined, send);
      });
      if (raw.destroyed) unfollow();
      return reply;
    },
  );
}

function positionOf(request: FastifyRequest): string | undefined {
  const header = request.headers["last-event-id"];
  if (typeof header === "string" && header !== "") return header;
  const { after } = request.query as { after?: unknown };
  return typeof after === "string" && after !== "" ? after : undefined;
}
