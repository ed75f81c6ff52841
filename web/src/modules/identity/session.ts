import type { identityApi } from "@atrium/contract/identity";
import type { Permission } from "@atrium/contract/permissions";
import type { projectsApi } from "@atrium/contract/projects";
import { useEffect, useMemo } from "react";
import { operation, useApi } from "../../lib/api.ts";
import type { Session } from "../../lib/session.tsx";
import { readStored } from "../../lib/stored.ts";

const me = operation<(typeof identityApi)["me"]>("GET /me");
const endSession = operation<(typeof identityApi)["signOut"]>("DELETE /session");
const listProjects = operation<(typeof projectsApi)["listProjects"]>("GET /projects");
const listOrganisations = operation<(typeof projectsApi)["listOrganisations"]>("GET /organisations");

const LAST_PROJECT = "last-project";
// A switcher shows at most this many; the palette finds the rest by name.
const PROJECTS_SHOWN_MAX = 200;

interface Loaded {
  session: Session | undefined;
  error: unknown;
  retry: () => void;
}

/** Who is here, and the project of the address, or the one last visited, or the first. */
export function useLoadedSession(inAddress: string | undefined): Loaded {
  const projects = useApi(listProjects, { query: { pageSize: PROJECTS_SHOWN_MAX } });
  const organisations = useApi(listOrganisations, {});
  const known = projects.data?.items;
  const wanted = inAddress ?? readStored(LAST_PROJECT, "");
  const project =
    known?.find((one) => one.slug === wanted || one.id === wanted)?.slug ??
    inAddress ??
    known?.[0]?.slug ??
    "";
  const rights = useApi(
    me,
    { query: project ? { project } : {} },
    { enabled: known !== undefined, placeholderData: (before) => before },
  );

  useEffect(() => {
    if (project) localStorage.setItem(`atrium.${LAST_PROJECT}`, JSON.stringify(project));
  }, [project]);

  const session = useMemo<Session | undefined>(() => {
    const who = rights.data;
    if (!known || !organisations.data || !who) return undefined;
    const held = new Set<Permission>([...who.permissions.instance, ...who.permissions.project]);
    const anywhere = new Set<Permission>(who.permissions.anywhere);
    return {
      person: { id: who.id, name: who.name, email: who.email ?? "", hasPassword: who.hasPassword },
      projects: known,
      organisations: organisations.data.items,
      project,
      can: (permission) => held.has(permission),
      canSomewhere: (permission) => anywhere.has(permission) || held.has(permission),
    };
  }, [known, organisations.data, rights.data, project]);

  const error = projects.error ?? organisations.error ?? (rights.data ? undefined : rights.error);
  const retry = () => {
    for (const one of [projects, organisations, rights]) void one.refetch();
  };
  return { session, error, retry };
}

/** Ends the session and forgets everything that this tab has read. */
export async function signOut(): Promise<void> {
  await endSession({}).catch(() => undefined);
  location.assign("/sign-in");
}
