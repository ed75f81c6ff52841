import { API_PREFIX, type Endpoint } from "@atrium/contract/http";
import type { FastifyInstance } from "fastify";
import { openApi } from "./openapi.ts";

interface OperationsOptions {
  version: string;
  /** True when every role that was asked for can work. */
  ready(): Promise<boolean>;
  /** Prometheus text exposition 0.0.4 of this process. */
  exposition(): string;
  endpoints: readonly Endpoint[];
}

/** What machines ask a server: is it alive, can it work, how is it, what does it offer. */
export function mountOperations(app: FastifyInstance, options: OperationsOptions): void {
  app.get("/healthz", { config: { permission: "public", scope: "instance" } }, async (_, reply) =>
    reply.type("text/plain").send("ok\n"),
  );
  app.get("/readyz", { config: { permission: "public", scope: "instance" } }, async (_, reply) => {
    const ready = await options.ready();
    return reply
      .code(ready ? 200 : 503)
      .type("text/plain")
      .send(ready ? "ready\n" : "The database does not answer; the log says why.\n");
  });
  app.get("/metrics", { config: { permission: "instance:read", scope: "instance" } }, async (_, reply) =>
    // Prometheus 3 refuses a scrape whose content type it does not know.
    reply.header("content-type", "text/plain; version=0.0.4; charset=utf-8").send(options.exposition()),
  );
  app.get(`${API_PREFIX}/openapi.json`, { config: { permission: "public", scope: "instance" } }, async () =>
    openApi(options.endpoints, options.version),
  );
}
