import type { Permission } from "@atrium/contract/permissions";
import { createContext, useContext } from "react";

export interface SessionProject {
  id: string;
  slug: string;
  name: string;
  organisationId: string;
}

/** Who is here, and where. */
export interface Session {
  person: { id: string; name: string; email: string; hasPassword: boolean };
  projects: readonly SessionProject[];
  organisations: readonly { id: string; name: string }[];
  /** The current project's slug; the last visited one in rooms that belong to none. Empty when there is none at all. */
  project: string;
  /** Whether something is allowed in the current project or in the whole instance. The server has the last word. */
  can: (permission: Permission) => boolean;
  /** Whether it is allowed in at least one place: tells which rooms are worth showing. */
  canSomewhere: (permission: Permission) => boolean;
}

export const SessionContext = createContext<Session | undefined>(undefined);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("useSession is for screens inside the shell");
  return session;
}

/** The current project's slug, as operations take it. */
export function useProject(): string {
  return useSession().project;
}
