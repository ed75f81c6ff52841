import type { FastifyInstance } from "fastify";
import type { MlflowDeps } from "../deps.ts";
import { get, type MountRpc } from "../rpc.ts";
import { message } from "../wire/decode.ts";

const PUBLIC = { permission: "public", scope: "instance" } as const;

/**
 * Whether the server is up, and what it is. Their client sends traces to `/v1/traces` from version 3.4 on, which this
 * server does not answer; so the release is 0 whatever ours is, and ours stands in the local part, as PEP 440 has it.
 */
export function mountProbes(scope: FastifyInstance, { version }: MlflowDeps): void {
  const answer = `0+atrium.${version.toLowerCase().replaceAll(/[^a-z0-9]+/g, ".")}`;
  scope.get("/version", { config: PUBLIC }, async (_, reply) => reply.type("text/plain").send(answer));
  scope.get("/health", { config: PUBLIC }, async (_, reply) => reply.type("text/plain").send("OK"));
}

/** What clients ask before they log in: nothing here says anything about anybody's data. */
export function mountServerInfo(rpc: MountRpc): void {
  rpc({ ...get("/server-info", "public", message({})), scope: "instance" }, async () => ({
    store_type: "SqlStore",
    workspaces_enabled: true,
    trace_archival_enabled: false,
    multipart_uploads_enabled: false,
    multipart_downloads_enabled: false,
  }));
}
