import type { Permission } from "@atrium/contract/permissions";
import type { projectsApi } from "@atrium/contract/projects";
import { useMemo } from "react";
import { operation, useApi } from "../../lib/api.ts";
import type { Session } from "../../lib/session.tsx";
import { readStored } from "../../lib/stored.ts";

const listProjects = operation<(typeof projectsApi)["listProjects"]>("GET /projects");
const listOrganisations = operation<(typeof projectsApi)["listOrganisations"]>("GET /organisations");
const LAST_PROJECT = "last-project";

/** Who is here, and the project of the address, or the last visited one, or the first. */
export function useLoadedSession(inAddress: string | undefined): {
  session: Session | undefined;
  error: unknown;
  retry: () => void;
} {
  const projects = useApi(listProjects, {});
  const organisations = useApi(listOrganisations, {});
  const session = useMemo<Session | undefined>(() => {
    if (!projects.data || !organisations.data) return undefined;
    const known = projects.data.items;
    const wanted = inAddress ?? readStored(LAST_PROJECT, "");
    const project = known.find((one) => one.slug === wanted)?.slug ?? inAddress ?? known[0]?.slug ?? "";
    return {
      person: { id: "", name: "", email: "" },
      projects: known,
      organisations: organisations.data.items,
      project,
      can: (_: Permission) => true,
    };
  }, [projects.data, organisations.data, inAddress]);
  return { session, error: projects.error ?? organisations.error, retry: () => void projects.refetch() };
}

export async function signOut(): Promise<void> {
  location.assign("/sign-in");
}
