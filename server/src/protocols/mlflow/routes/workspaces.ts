import { type Project, slug } from "@atrium/contract/projects";
import type { FastifyInstance } from "fastify";
import { AppError } from "#lib/errors";
import type { Actor } from "#modules/identity";
import type { MlflowDeps } from "../deps.ts";
import { pagesAnswer, textPage } from "../pages.ts";
import { get, type MountRpc, patch } from "../rpc.ts";
import { checkArtifactLocation } from "../translate/locations.ts";
import { toWireWorkspace } from "../translate/workspaces.ts";
import { message } from "../wire/decode.ts";
import { missing } from "../wire/refusals.ts";
import { readRequest } from "../wire/request.ts";
import { byWorkspace, createWorkspace, deleteWorkspace, updateWorkspace } from "../wire/workspaces.ts";

const DEFAULT = "default"; // Requests that name no workspace live there.

/** Their workspaces are our projects; who may not see one is told that there is none. */
export function mountWorkspaces(rpc: MountRpc, { projects }: MlflowDeps): void {
  rpc({ ...get("/workspaces", "signed-in", message({})), scope: "instance" }, async ({ actor }) =>
    pagesAnswer({
      field: "workspaces",
      wanted: Number.POSITIVE_INFINITY,
      fetch: async (page) =>
        textPage(await projects.list(actor, { state: "active", ...page }), (project) =>
          JSON.stringify(toWireWorkspace(project)),
        ),
    }),
  );
  rpc(
    { ...get("/workspaces/:workspace_name", "signed-in", byWorkspace), scope: "instance" },
    async ({ actor, given }) => ({
      workspace: toWireWorkspace(await findActive(projects, actor, given.workspace_name)),
    }),
  );
  rpc(
    { ...patch("/workspaces/:workspace_name", "signed-in", updateWorkspace), scope: "instance" },
    async ({ actor, given }) => {
      checkArtifactLocation(given.default_artifact_root);
      if (given.description === undefined) throw missing("description");
      const changes = { description: given.description };
      return { workspace: toWireWorkspace(await projects.update(actor, given.workspace_name, changes)) };
    },
  );
}

/** The two whose statuses differ: 201 when made, 204 when deleted. */
export function mountWorkspaceLives(scope: FastifyInstance, deps: MlflowDeps): void {
  const config = { permission: "signed-in", scope: "instance" } as const;
  scope.post("/mlflow/workspaces", { config }, async (request, reply) => {
    const given = readRequest(request, createWorkspace);
    checkArtifactLocation(given.default_artifact_root);
    const named = slug.safeParse(given.name);
    if (!named.success) throw badName(given.name);
    const { description = "" } = given;
    const made = await deps.projects.create(request.actor, { slug: named.data, description });
    const answer = JSON.stringify({ workspace: toWireWorkspace(made) });
    return reply.code(201).type("application/json").send(answer);
  });
  scope.delete("/mlflow/workspaces/:workspace_name", { config }, async (request, reply) => {
    const { workspace_name, mode } = readRequest(request, deleteWorkspace);
    const project = await findActive(deps.projects, request.actor, workspace_name);
    await checkDeletion(deps, request.actor, { project, mode: mode ?? modeInQuery(request.query) });
    await deps.projects.setState(request.actor, project.id, "deleted");
    return reply.code(204).send();
  });
}

async function findActive(projects: MlflowDeps["projects"], actor: Actor, name: string): Promise<Project> {
  const project = await projects.get(actor, name);
  if (project.state === "active") return project;
  throw new AppError("not_found", `Workspace '${name}' not found`);
}

/** @throws AppError `invalid` unless the project may go in this way */
async function checkDeletion(
  { tracking, registry }: MlflowDeps,
  actor: Actor,
  { project, mode }: { project: Project; mode: string },
): Promise<void> {
  if (project.slug === DEFAULT) {
    throw new AppError("invalid", `The '${DEFAULT}' workspace is reserved and cannot be deleted`);
  }
  if (mode === "CASCADE") return;
  if (mode !== "RESTRICT") {
    throw new AppError(
      "invalid",
      mode === "SET_DEFAULT"
        ? "This server does not move things to another workspace; delete with CASCADE, or empty it first."
        : `Invalid deletion mode '${mode.slice(0, 100)}'. Must be one of: RESTRICT, CASCADE`,
      { at: "mode" },
    );
  }
  const asked = { pageSize: 2, view: "all" } as const;
  const experiments = await tracking.experiments.search(actor, project.id, asked);
  const runs = await tracking.runs.search(actor, project.id, asked);
  const models = await registry.search(actor, project.id, { pageSize: 1 });
  // Every project has its experiment Default.
  if (experiments.items.length <= 1 && runs.items.length === 0 && models.items.length === 0) return;
  throw new AppError(
    "conflict",
    `Workspace '${project.slug}' still holds experiments, runs or models; delete it with mode=CASCADE. ` +
      "It can be restored until it is purged.",
  );
}

function modeInQuery(query: unknown): string {
  const { mode } = query as { mode?: string | string[] };
  return [mode].flat()[0] ?? "RESTRICT";
}

function badName(name: string): AppError {
  return new AppError(
    "invalid",
    `Workspace name '${name.slice(0, 100)}' is not valid. Use 1 to 63 of a–z, 0–9 and -, not beginning with -.`,
    { at: "name" },
  );
}
