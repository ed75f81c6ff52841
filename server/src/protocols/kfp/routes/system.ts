import type { FastifyInstance } from "fastify";
import { AppError } from "#lib/errors";
import type { KfpDeps } from "../deps.ts";

/** What the client asks of the server itself, and schedules, which there are none of. */
export function mountSystem(scope: FastifyInstance, { version }: KfpDeps): void {
  scope.get("/healthz", { config: { permission: "public", scope: "instance" } }, async () => ({
    commit_sha: "",
    tag_name: version,
    multi_user: false,
    pipeline_store: "database",
  }));
  const read = { config: { permission: "pipeline:read", scope: "project" } } as const;
  const write = { config: { permission: "pipeline:write", scope: "project" } } as const;
  scope.get("/recurringruns", read, async () => ({}));
  scope.post("/recurringruns", write, async () => {
    throw new AppError(
      "invalid",
      "This server runs no pipeline on a schedule yet; start runs from a scheduler of your own.",
      { at: "trigger" },
    );
  });
}
