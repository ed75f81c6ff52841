import { identityApi } from "@atrium/contract/identity";
import type { Serve } from "#lib/http";
import type { Actor } from "./actor.ts";
import type { Identity, SignedIn } from "./door.ts";

type Reply = { header(name: string, value: string): unknown };

/** Our own API of identity. */
export function identityRoutes(serve: Serve<Actor>, identity: Identity): void {
  sessionRoutes(serve, identity);
  peopleRoutes(serve, identity);
  groupRoutes(serve, identity);
  serviceAccountRoutes(serve, identity);
  tokenRoutes(serve, identity);
  roleRoutes(serve, identity);
}

function sessionRoutes(serve: Serve<Actor>, { signIn, sessions }: Identity): void {
  serve(identityApi.signIn, async ({ actor, body, reply }) =>
    enter(reply, await signIn.withPassword(body, actor)),
  );
  serve(identityApi.redeemLink, async ({ actor, body, reply }) =>
    enter(reply, await signIn.withLink(body.code, actor)),
  );
  serve(identityApi.inspectLink, ({ actor, body }) => signIn.inspectLink(body.code, actor));
  serve(identityApi.acceptInvitation, async ({ actor, body, reply }) =>
    enter(reply, await signIn.acceptInvitation(body, actor)),
  );
  serve(identityApi.resetPassword, async ({ actor, body, reply }) =>
    enter(reply, await signIn.resetPassword(body, actor)),
  );
  serve(identityApi.signOut, async ({ actor, reply }) => {
    setCookie(reply, await signIn.out(actor));
    return {};
  });
  serve(identityApi.listSessions, ({ actor, query }) => sessions.list(actor, query));
  serve(identityApi.revokeSession, async ({ actor, params }) => {
    await sessions.revoke(actor, params.session);
    return {};
  });
}

function peopleRoutes(serve: Serve<Actor>, { people }: Identity): void {
  serve(identityApi.me, ({ actor, query }) => people.me(actor, query.project));
  serve(identityApi.updateMe, ({ actor, body }) => people.updateMe(actor, body));
  serve(identityApi.changePassword, async ({ actor, body, reply }) => {
    const { cookie } = await people.changePassword(actor, body);
    if (cookie !== undefined) setCookie(reply, cookie);
    return {};
  });
  serve(identityApi.listUsers, ({ actor, query }) => people.list(actor, query));
  serve(identityApi.getUser, ({ actor, params }) => people.get(actor, params.user));
  serve(identityApi.updateUser, ({ actor, params, body }) => people.update(actor, params.user, body));
  serve(identityApi.createResetLink, ({ actor, params, reply }) => {
    keepNowhere(reply);
    return people.createResetLink(actor, params.user);
  });
  serve(identityApi.listInvitations, ({ actor, query }) => people.listInvitations(actor, query));
  serve(identityApi.invite, ({ actor, body, reply }) => {
    keepNowhere(reply);
    return people.invite(actor, body);
  });
  serve(identityApi.withdrawInvitation, async ({ actor, params }) => {
    await people.withdrawInvitation(actor, params.invitation);
    return {};
  });
}

function groupRoutes(serve: Serve<Actor>, { groups }: Identity): void {
  serve(identityApi.listGroups, ({ actor, query }) => groups.list(actor, query));
  serve(identityApi.createGroup, ({ actor, organisationId, body }) =>
    groups.create(actor, { organisationId, ...body }),
  );
  serve(identityApi.updateGroup, ({ actor, params, body }) => groups.update(actor, params.group, body));
  serve(identityApi.deleteGroup, async ({ actor, params }) => {
    await groups.delete(actor, params.group);
    return {};
  });
  serve(identityApi.listMembers, ({ actor, params, query }) =>
    groups.listMembers(actor, params.group, query),
  );
  serve(identityApi.addMember, async ({ actor, params, body }) => {
    await groups.addMember(actor, params.group, body);
    return {};
  });
  serve(identityApi.removeMember, async ({ actor, params }) => {
    await groups.removeMember(actor, params.group, params.member);
    return {};
  });
}

function serviceAccountRoutes(serve: Serve<Actor>, { serviceAccounts }: Identity): void {
  serve(identityApi.listServiceAccounts, ({ actor, query }) => serviceAccounts.list(actor, query));
  serve(identityApi.createServiceAccount, ({ actor, organisationId, projectId, body }) => {
    const { owner, ...given } = body;
    return serviceAccounts.create(actor, {
      organisationId,
      ...given,
      ...(owner === "project" && { projectId }),
    });
  });
  serve(identityApi.updateServiceAccount, ({ actor, params, body }) =>
    serviceAccounts.update(actor, params.account, body),
  );
  serve(identityApi.createServiceAccountToken, ({ actor, params, body, reply }) => {
    keepNowhere(reply);
    return serviceAccounts.createToken(actor, params.account, body);
  });
}

function tokenRoutes(serve: Serve<Actor>, { tokens }: Identity): void {
  serve(identityApi.listTokens, ({ actor, query }) => tokens.list(actor, query));
  serve(identityApi.createToken, ({ actor, body, reply }) => {
    keepNowhere(reply);
    return tokens.create(actor, body);
  });
  serve(identityApi.revokeToken, async ({ actor, params }) => {
    await tokens.revoke(actor, params.token);
    return {};
  });
}

function roleRoutes(serve: Serve<Actor>, { roles, grants }: Identity): void {
  serve(identityApi.listRoles, async ({ actor }) => ({ items: await roles.list(actor) }));
  serve(identityApi.createRole, ({ actor, body }) => roles.create(actor, body));
  serve(identityApi.updateRole, ({ actor, params, body }) => roles.update(actor, params.role, body));
  serve(identityApi.deleteRole, async ({ actor, params }) => {
    await roles.delete(actor, params.role);
    return {};
  });
  serve(identityApi.listGrants, ({ actor, query }) => grants.list(actor, query));
  serve(identityApi.createGrant, ({ actor, body }) => grants.create(actor, body));
  serve(identityApi.revokeGrant, async ({ actor, params }) => {
    await grants.revoke(actor, params.grant);
    return {};
  });
}

function enter(reply: Reply, { cookie, ...answer }: SignedIn): Omit<SignedIn, "cookie"> {
  setCookie(reply, cookie);
  return answer;
}

function setCookie(reply: Reply, cookie: string): void {
  reply.header("set-cookie", cookie);
  keepNowhere(reply);
}

/** What is shown once must not lie in a cache. */
function keepNowhere(reply: Reply): void {
  reply.header("cache-control", "no-store");
}
