import type { Permission } from "@atrium/contract/permissions";

/** Who asks. Made once a request by identity, then handed to every use-case as the first parameter. */
export interface Actor {
  kind: "user" | "service-account" | "system" | "anonymous";
  /** Principal id; `system` and `anonymous` for those kinds. */
  id: string;
  name: string;
  /** How they proved it; an audit record keeps it. */
  via: {
    kind: "session" | "token" | "password" | "link" | "process" | "none";
    id: string;
    /** The job whose own token it is: what is made and read by it is that job's work. */
    jobId?: string;
  };
  /** A token's scopes; absent means all the principal's own rights. */
  scopes?: readonly Permission[];
  /** The project a token is bound to: nothing outside it is allowed. */
  boundProjectId?: string;
  /** Where the request came from, for the audit record. */
  request: { id: string; ip: string; userAgent: string };
}

/** Where a permission is asked for. */
export type Place =
  | { kind: "instance" }
  | { kind: "organisation"; organisationId: string }
  | { kind: "project"; projectId: string }
  | { kind: "resource"; projectId: string; type: ResourceType; id: string };

/** Things that can carry grants of their own. */
export type ResourceType = "experiment" | "model";

/** Which things of a project an actor may see: all of them, or only the named ones (never more than 1,000). */
export type Visible = { all: true } | { all: false; ids: readonly string[] };

/** The door that every route and use-case asks. Deny by default; what may not be read is `not_found`. */
export interface AccessControl {
  /** Throws unless allowed: `not_found` if the place may not even be read, else `forbidden`. Denials are audited. */
  require(actor: Actor, permission: Permission, place: Place): Promise<void>;
  can(actor: Actor, permission: Permission, place: Place): Promise<boolean>;
  /** For lists and counts inside one project. */
  visible(actor: Actor, permission: Permission, projectId: string, type: ResourceType): Promise<Visible>;
  /** Projects in which the actor holds the permission, on the project or on anything in it. */
  visibleProjects(actor: Actor, permission: Permission): Promise<readonly string[]>;
}
