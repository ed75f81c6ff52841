import { projectsApi } from "@atrium/contract/projects";
import type { Serve } from "#lib/http";
import type { Actor } from "#modules/identity";
import type { Projects } from "./door.ts";

/** Our own API of organisations and projects. */
export function projectsRoutes(serve: Serve<Actor>, projects: Projects): void {
  serve(projectsApi.listOrganisations, async ({ actor }) => ({
    items: await projects.listOrganisations(actor),
  }));
  serve(projectsApi.createOrganisation, ({ actor, body }) => projects.createOrganisation(actor, body));
  serve(projectsApi.renameOrganisation, ({ actor, params, body }) =>
    projects.renameOrganisation(actor, params.organisation, body.name),
  );

  serve(projectsApi.listProjects, ({ actor, query }) => projects.list(actor, query));
  serve(projectsApi.createProject, ({ actor, body }) => projects.create(actor, body));
  serve(projectsApi.getProject, ({ actor, params }) => projects.get(actor, params.project));
  serve(projectsApi.updateProject, ({ actor, params, body }) => projects.update(actor, params.project, body));
  serve(projectsApi.setProjectState, ({ actor, params, body }) =>
    projects.setState(actor, params.project, body.state),
  );
  serve(projectsApi.purgeProject, async ({ actor, params, body }) => {
    await projects.purge(actor, params.project, body.confirmSlug);
    return {};
  });

  serve(projectsApi.listQuotas, async ({ actor, projectId }) => ({
    items: await projects.quotas(actor, projectId),
  }));
  serve(projectsApi.setQuota, ({ actor, projectId, params, body }) =>
    projects.setQuota(actor, projectId, params.resource, body.maximum),
  );

  serve(projectsApi.listSecrets, async ({ actor, projectId }) => ({
    items: await projects.listSecrets(actor, projectId),
  }));
  serve(projectsApi.setSecret, ({ actor, projectId, params, body }) =>
    projects.setSecret(actor, projectId, params.name, body.value),
  );
  serve(projectsApi.deleteSecret, async ({ actor, projectId, params }) => {
    await projects.deleteSecret(actor, projectId, params.name);
    return {};
  });
}
