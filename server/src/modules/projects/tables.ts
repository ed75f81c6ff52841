import type { Project, QuotaResource } from "@atrium/contract/projects";

export interface ProjectTables {
  projects_organisations: { id: string; slug: string; name: string; created_ms: number };
  projects_projects: {
    id: string;
    organisation_id: string;
    slug: string;
    name: string;
    description: string;
    settings: string;
    state: Project["state"];
    created_ms: number;
    updated_ms: number;
    deleted_ms: number | null;
  };
  projects_keys: { project_id: string; wrapped: string; created_ms: number };
  projects_quotas: { project_id: string; resource: QuotaResource; used: number; maximum: number | null };
  projects_secrets: {
    project_id: string;
    name: string;
    sealed: Buffer;
    created_ms: number;
    updated_ms: number;
    updated_by: string;
  };
}

export type OrganisationRow = ProjectTables["projects_organisations"];
export type ProjectRow = ProjectTables["projects_projects"];
export type SecretRow = ProjectTables["projects_secrets"];
