import type {
  Grant,
  Group,
  GroupMember,
  Invitation,
  LinkKind,
  Me,
  Principal,
  Role,
  RoleAtPlace,
  ServiceAccount,
  Session,
  Token,
  User,
} from "@atrium/contract/identity";
import type { Permission } from "@atrium/contract/permissions";
import type { Page } from "#lib/paging";
import type { Tx } from "#ports/database";
import type { AccessControl, Actor } from "./actor.ts";

/** What a request brings to prove who sent it. */
export interface Credentials {
  /** The `Authorization` header: `Bearer <token>`, or Basic with a token or an e-mail's password. */
  authorization?: string | undefined;
  /** The whole `Cookie` header. */
  cookie?: string | undefined;
  ip: string;
  userAgent: string;
  requestId: string;
}

/** What a browser says about where a request comes from. */
export interface RequestOrigin {
  method: string;
  headers: Record<string, string | string[] | undefined>;
}

/** Which project belongs where; the projects module knows, and wiring passes it in. */
export interface ProjectDirectory {
  resolve(slugOrId: string): Promise<{ id: string } | undefined>;
  byId(id: string): Promise<{ organisationId: string } | undefined>;
  all(): Promise<readonly { id: string; organisationId: string }[]>;
}

export interface PageAsked {
  pageSize: number;
  pageToken?: string | undefined;
}

/** A fresh session: `cookie` is the whole `Set-Cookie` value. */
export interface SignedIn {
  userId: string;
  displayName: string;
  cookie: string;
}

export interface NewToken {
  name: string;
  scopes?: readonly Permission[] | undefined;
  projectId?: string | undefined;
  expiresMs: number;
}

/** Signing in and out. All attempts are recorded; secrets never are. */
export interface SignIn {
  withPassword(given: { email: string; password: string }, from: Actor): Promise<SignedIn>;
  withLink(code: string, from: Actor): Promise<SignedIn>;
  acceptInvitation(
    given: { code: string; displayName: string; password: string },
    from: Actor,
  ): Promise<SignedIn>;
  resetPassword(given: { code: string; password: string }, from: Actor): Promise<SignedIn>;
  inspectLink(
    code: string,
    from: Actor,
  ): Promise<{ kind: LinkKind; email: string; displayName: string; expiresMs: number }>;
  /** Ends the actor's session and answers with the `Set-Cookie` value that forgets it. */
  out(actor: Actor): Promise<string>;
}

/** The whole of identity, for wiring and routes. Other modules take `access` alone. */
export interface Identity {
  access: AccessControl;
  /** Who sent this request; `anonymous` when nothing was given. @throws AppError `unauthenticated`, `exhausted` */
  authenticate(credentials: Credentials): Promise<Actor>;
  /** Refuses an unsafe request that a cookie vouches for but another site caused. @throws AppError `forbidden` */
  checkCsrf(actor: Actor, origin: RequestOrigin): void;

  /** Makes the first owner when there is none, and gives them `adminToken` if set. Call it once, before serving. */
  start(given: { adminToken?: string | undefined }): Promise<void>;
  /** A new one-time link by which an owner signs in; earlier ones end. `path` goes behind the server's address. */
  ownerLink(): Promise<{ path: string; expiresMs: number }>;

  signIn: SignIn;
  people: People;
  groups: Groups;
  serviceAccounts: ServiceAccounts;
  tokens: Tokens;
  jobTokens: JobTokens;
  roles: Roles;
  grants: Grants;
  sessions: Sessions;
}

export interface People {
  me(actor: Actor, project: string | undefined): Promise<Me>;
  updateMe(
    actor: Actor,
    changes: { displayName?: string | undefined; email?: string | undefined },
  ): Promise<User>;
  /** Ends the user's sessions; `cookie`, where a session asked, is the `Set-Cookie` value of the one that follows it. */
  changePassword(
    actor: Actor,
    given: { current?: string | undefined; next: string },
  ): Promise<{ cookie?: string }>;
  list(
    actor: Actor,
    asked: PageAsked & { text?: string | undefined; state?: User["state"] | undefined },
  ): Promise<Page<User>>;
  get(actor: Actor, id: string): Promise<User>;
  update(
    actor: Actor,
    id: string,
    changes: { displayName?: string | undefined; state?: User["state"] | undefined },
  ): Promise<User>;
  createResetLink(actor: Actor, id: string): Promise<{ path: string; expiresMs: number }>;
  listInvitations(actor: Actor, asked: PageAsked): Promise<Page<Invitation>>;
  invite(
    actor: Actor,
    given: { email: string; grants: readonly RoleAtPlace[] },
  ): Promise<{ invitation: Invitation; path: string }>;
  withdrawInvitation(actor: Actor, id: string): Promise<void>;
}

export interface Groups {
  list(actor: Actor, asked: PageAsked & { text?: string | undefined }): Promise<Page<Group>>;
  create(actor: Actor, given: { organisationId: string; name: string; description: string }): Promise<Group>;
  update(
    actor: Actor,
    id: string,
    changes: { name?: string | undefined; description?: string | undefined },
  ): Promise<Group>;
  delete(actor: Actor, id: string): Promise<void>;
  listMembers(actor: Actor, id: string, asked: PageAsked): Promise<Page<GroupMember>>;
  addMember(actor: Actor, id: string, member: { kind: GroupMember["kind"]; id: string }): Promise<void>;
  removeMember(actor: Actor, id: string, memberId: string): Promise<void>;
}

export interface ServiceAccounts {
  list(actor: Actor, asked: PageAsked): Promise<Page<ServiceAccount>>;
  create(
    actor: Actor,
    given: { organisationId: string; projectId?: string | undefined; name: string; description: string },
  ): Promise<ServiceAccount>;
  update(
    actor: Actor,
    id: string,
    changes: {
      name?: string | undefined;
      description?: string | undefined;
      state?: ServiceAccount["state"] | undefined;
    },
  ): Promise<ServiceAccount>;
  createToken(actor: Actor, id: string, given: NewToken): Promise<{ token: Token; secret: string }>;
}

export interface Tokens {
  /** `owner` is `me`, `all`, or a service account's id. */
  list(actor: Actor, asked: PageAsked & { owner: string }): Promise<Page<Token>>;
  create(actor: Actor, given: NewToken): Promise<{ token: Token; secret: string }>;
  revoke(actor: Actor, id: string): Promise<void>;
}

/** Tokens that a job's processes act by. They are no one's to list, and end with the job. */
export interface JobTokens {
  /**
   * In the caller's transaction: a token for its owner's rights in one project. Undefined when the owner is the system,
   * which has none.
   */
  make(
    tx: Tx,
    owner: Pick<Actor, "kind" | "id" | "scopes">,
    given: { jobId: string; projectId: string; expiresMs: number; by: Actor },
  ): Promise<{ id: string; secret: string } | undefined>;
  /** Ends every token of the job. */
  revoke(tx: Tx, jobId: string, by: Actor): Promise<void>;
  /** What such a token may do for someone of these scopes: what one does in a project, and never what manages it. */
  scopesOf(scopes: readonly Permission[] | undefined): readonly Permission[];
}

export interface Roles {
  list(actor: Actor): Promise<Role[]>;
  create(
    actor: Actor,
    given: { name: string; description: string; permissions: readonly Permission[] },
  ): Promise<Role>;
  update(
    actor: Actor,
    id: string,
    changes: {
      name?: string | undefined;
      description?: string | undefined;
      permissions?: readonly Permission[] | undefined;
    },
  ): Promise<Role>;
  delete(actor: Actor, id: string): Promise<void>;
}

export interface Grants {
  list(
    actor: Actor,
    asked: PageAsked & {
      principalId?: string | undefined;
      projectId?: string | undefined;
      organisationId?: string | undefined;
    },
  ): Promise<Page<Grant>>;
  create(actor: Actor, given: RoleAtPlace & { principal: Principal }): Promise<Grant>;
  revoke(actor: Actor, id: string): Promise<void>;
}

export interface Sessions {
  list(actor: Actor, asked: PageAsked & { userId?: string | undefined }): Promise<Page<Session>>;
  revoke(actor: Actor, id: string): Promise<void>;
}
