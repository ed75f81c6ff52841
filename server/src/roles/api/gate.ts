import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Permission } from "@atrium/contract/permissions";
import type { FastifyInstance, FastifyRequest, RouteOptions } from "fastify";
import { AppError } from "#lib/errors";
import type { AccessControl, Actor } from "#modules/identity";
import { projectNamed } from "./project-of.ts";

interface ResolvedProject {
  id: string;
  organisationId: string;
  state: "active" | "archived" | "deleted";
}

/** What the gate looks at of a request, whoever read it off its connection. */
export interface Arrival {
  id: string;
  ip: string;
  method: string;
  headers: IncomingHttpHeaders;
  raw: IncomingMessage;
}

export interface GateOptions {
  authenticate(request: Arrival): Promise<Actor>;
  access: AccessControl;
  resolveProject(slugOrId: string): Promise<ResolvedProject | undefined>;
  checkOrigin(request: Pick<Arrival, "headers">): void;
  checkCsrf(request: Arrival, actor: Actor): void;
}

export interface MountedRoute {
  method: string;
  url: string;
  permission: string;
  scope: string;
}

const DEFAULT_PROJECT = "default";

/**
 * Puts the one gate before every route of every protocol: origin, who asks, which project, may they at all. The
 * use-case behind asks again for the very resource. Collects what was mounted; a route without a declared permission
 * stops the boot.
 */
export function putGate(app: FastifyInstance, options: GateOptions): MountedRoute[] {
  const routes: RouteOptions[] = [];
  const mounted: MountedRoute[] = [];
  app.addHook("onRoute", (route) => {
    routes.push(route);
  });
  app.addHook("onReady", async () => {
    for (const route of routes)
      mounted.push(...[route.method].flat().map((method) => declared(route, method)));
  });
  app.decorateRequest("actor");
  app.decorateRequest("projectId", "");
  app.decorateRequest("organisationId", "");
  app.addHook("onRequest", async (request) => {
    options.checkOrigin(request);
    const { permission = "public", scope = "project" } = request.routeOptions.config;
    request.actor = await identify(request, permission === "public", options);
    if (permission === "public" || request.is404) return;
    if (request.actor.kind === "anonymous") {
      throw new AppError("unauthenticated", "Sign in, or send a token: Authorization: Bearer <token>.");
    }
    options.checkCsrf(request, request.actor);
    if (permission === "signed-in" && scope === "instance") return;
    await enterProject(request, scope, options);
    if (permission === "signed-in") return;
    await checkPermission(request, { permission, scope }, options.access);
  });
  return mounted;
}

/**
 * The same questions about a request that passes by the framework. Undefined where the answer is anything but a plain yes:
 * the framework's gate then asks them again, refuses in its protocol's words and records what is to be recorded.
 */
export async function admit(
  arrival: Arrival,
  permission: Permission,
  options: GateOptions,
): Promise<string | undefined> {
  try {
    options.checkOrigin(arrival);
    const actor = await options.authenticate(arrival);
    if (actor.kind === "anonymous") return undefined;
    options.checkCsrf(arrival, actor);
    const { id: projectId, state } = await projectOf(arrival, actor, options);
    if (state !== "active") return undefined;
    const allowed = await options.access.can(actor, permission, { kind: "project", projectId });
    return allowed ? projectId : undefined;
  } catch {
    return undefined; // It is thrown again where there is somebody to tell.
  }
}

function declared(route: RouteOptions, method: string): MountedRoute {
  const { permission, scope = "project" } = route.config ?? {};
  if (permission === undefined) {
    throw new Error(`Route ${method} ${route.url} declares no permission; give it one, or 'public'.`);
  }
  return { method, url: route.url, permission, scope };
}

/** On a public route a stale cookie or token is no reason to refuse: the sign-in page must open. */
async function identify(request: FastifyRequest, lenient: boolean, options: GateOptions): Promise<Actor> {
  try {
    return await options.authenticate(request);
  } catch (thrown) {
    if (lenient && thrown instanceof AppError && thrown.code === "unauthenticated") return anonymous(request);
    throw thrown;
  }
}

function anonymous(request: FastifyRequest): Actor {
  return {
    kind: "anonymous",
    id: "anonymous",
    name: "anonymous",
    via: { kind: "none", id: "" },
    request: { id: request.id, ip: request.ip, userAgent: request.headers["user-agent"] ?? "" },
  };
}

async function enterProject(request: FastifyRequest, scope: string, options: GateOptions): Promise<void> {
  if (scope === "instance") return;
  const project = await projectOf(request, request.actor, options);
  request.projectId = project.id;
  request.organisationId = project.organisationId;
  refuseChangesOfArchived(request, project, project.named);
}

async function projectOf(
  arrival: Arrival,
  actor: Actor,
  options: GateOptions,
): Promise<ResolvedProject & { named: string }> {
  const named = projectNamed(arrival, actor) ?? DEFAULT_PROJECT;
  const project = await options.resolveProject(named);
  const bound = actor.boundProjectId;
  const away = project === undefined || project.state === "deleted";
  if (away || (bound !== undefined && bound !== project.id)) {
    throw new AppError("not_found", `There is no project ${named}, or you may not see it.`, {
      reason: "project",
    });
  }
  return { ...project, named };
}

function refuseChangesOfArchived(request: FastifyRequest, project: ResolvedProject, named: string): void {
  const { permission = "public", scope = "project" } = request.routeOptions.config;
  if (project.state !== "archived" || scope !== "project" || permission.endsWith(":read")) return;
  if (permission === "signed-in") return;
  throw new AppError("conflict", `Project ${named} is archived and takes no changes; restore it first.`, {
    reason: "archived",
  });
}

async function checkPermission(
  request: FastifyRequest,
  { permission, scope }: { permission: Permission; scope: string },
  access: AccessControl,
): Promise<void> {
  const { actor, projectId, organisationId } = request;
  if (scope === "instance") return access.require(actor, permission, { kind: "instance" });
  if (scope === "organisation")
    return access.require(actor, permission, { kind: "organisation", organisationId });
  const project = { kind: "project", projectId } as const;
  if (await access.can(actor, permission, project)) return;
  // A grant on one thing in the project opens the gate; the use-case then asks for that very thing. Looked for last, as
  // it takes time in proportion to the projects that the caller sees.
  const somewhere = await access.visibleProjects(actor, permission);
  if (!somewhere.includes(projectId)) await access.require(actor, permission, project);
}
