import { createAccess } from "./access.ts";
import type { Actor, Place } from "./actor.ts";
import { createChanges } from "./changes.ts";
import { createAuthenticate, createKnownCredentials } from "./credentials.ts";
import { checkCsrf } from "./csrf.ts";
import type { IdentityDeps } from "./deps.ts";
import type { Identity } from "./door.ts";
import { createGrants } from "./grants.ts";
import { createGroups } from "./groups.ts";
import type { Inner } from "./inner.ts";
import { createJobTokens } from "./job-tokens.ts";
import { createNoise } from "./noise.ts";
import { createPasswordCheck } from "./password-check.ts";
import { createPasswords } from "./passwords.ts";
import { createPeople } from "./people.ts";
import { fileUnder } from "./place.ts";
import { createPrincipals } from "./principals.ts";
import { createRoles } from "./roles.ts";
import { createServiceAccounts } from "./service-accounts.ts";
import { createSessions } from "./sessions.ts";
import { createSignIn } from "./sign-in.ts";
import { createStart } from "./start.ts";
import { createThrottle } from "./throttle.ts";
import { createTokens } from "./tokens.ts";
import { createUses } from "./uses.ts";

/** Who may come in, and what they may do. Nothing is read or written before `start`. */
export function createIdentity(deps: IdentityDeps): Identity {
  const { db, clock, directory } = deps;
  const principals = createPrincipals(db, clock);
  const known = createKnownCredentials(deps);
  const passwords = createPasswords();
  const noise = createNoise(deps);
  const throttle = createThrottle(clock);
  const passwordCheck = createPasswordCheck({ db, clock, passwords, throttle, noise });
  const access = createAccess({ principals, directory, denied });
  const changes = createChanges(deps, {
    principals: principals.forgetAll,
    credentials: known.forgetAll,
    passwords: passwordCheck.forgetAll,
  });
  const inner: Inner = { ...deps, access, tell: changes.tell, noise, passwords, passwordCheck };
  const uses = createUses(db, clock);

  return {
    access,
    authenticate: createAuthenticate({ ...deps, principals, uses, passwordCheck }, known),
    checkCsrf,
    ...createStart(inner, changes.heard),
    signIn: createSignIn(inner),
    people: createPeople(inner),
    groups: createGroups(inner),
    serviceAccounts: createServiceAccounts(inner),
    tokens: createTokens(inner),
    jobTokens: createJobTokens(inner),
    roles: createRoles(inner),
    grants: createGrants(inner),
    sessions: createSessions(inner),
  };

  async function denied(actor: Actor, permission: string, place: Place): Promise<void> {
    const id = place.kind === "resource" ? place.id : (Object.values(fileUnder(place))[0] ?? "instance");
    await noise.denial(actor.id, actor, {
      action: "access.denied",
      resource: { type: place.kind === "resource" ? place.type : place.kind, id },
      ...fileUnder(place),
      outcome: "denied",
      details: { permission },
    });
  }
}
