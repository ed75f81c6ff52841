import type { artifactsApi } from "@atrium/contract/artifacts";
import type { identityApi } from "@atrium/contract/identity";
import type { operationsApi } from "@atrium/contract/operations";
import type { projectsApi } from "@atrium/contract/projects";
import { operation } from "../../lib/api.ts";

type Projects = typeof projectsApi;
type Identity = typeof identityApi;

export const renameOrganisation = operation<Projects["renameOrganisation"]>(
  "PATCH /organisations/:organisation",
);
export const listProjects = operation<Projects["listProjects"]>("GET /projects");
export const createProject = operation<Projects["createProject"]>("POST /projects");
export const getProject = operation<Projects["getProject"]>("GET /projects/:project");
export const updateProject = operation<Projects["updateProject"]>("PATCH /projects/:project");
export const setProjectState = operation<Projects["setProjectState"]>("PUT /projects/:project/state");
export const purgeProject = operation<Projects["purgeProject"]>("POST /projects/:project/purge");
export const setQuota = operation<Projects["setQuota"]>("PUT /project/quotas/:resource");
export const listSecrets = operation<Projects["listSecrets"]>("GET /project/secrets");
export const setSecret = operation<Projects["setSecret"]>("PUT /project/secrets/:name");
export const deleteSecret = operation<Projects["deleteSecret"]>("DELETE /project/secrets/:name");
export const updateMe = operation<Identity["updateMe"]>("PATCH /me");
export const changePassword = operation<Identity["changePassword"]>("PUT /me/password");
export const listSessions = operation<Identity["listSessions"]>("GET /sessions");
export const revokeSession = operation<Identity["revokeSession"]>("DELETE /sessions/:session");
export const about = operation<(typeof operationsApi)["about"]>("GET /about");
export const scrub = operation<(typeof artifactsApi)["scrub"]>("GET /artifacts/scrub");
export const usage = operation<(typeof artifactsApi)["usage"]>("GET /artifacts/usage");

/** Parts of the reads that a change of a project makes old; the shell's own session reads them, too. */
export const PROJECT_READS = ["/projects", "/organisations", "GET /me", "/project/"] as const;
