import { PERMISSIONS, type Permission } from "@atrium/contract/permissions";
import { newId } from "#lib/ids";
import type { JobTokens } from "./door.ts";
import type { Inner } from "./inner.ts";
import * as queries from "./queries/tokens.ts";
import { hashSecret, newTokenSecret, shownPrefix } from "./secret.ts";

// A job works in its project as its submitter does. It manages neither people nor the project itself, whoever submitted it.
const NOT_FOR_JOBS =
  /^(instance|organisation|user|group|role|service-account|grant|audit):|^project:(create|write|delete)$|^secret:write$/;
const SCOPES = PERMISSIONS.filter((permission) => !NOT_FOR_JOBS.test(permission));

/** Tokens that jobs act by: their submitter's rights in one project, for as long as the job lasts. */
export function createJobTokens({ clock, tell }: Inner): JobTokens {
  return {
    async make(tx, owner, given) {
      if (owner.kind !== "user" && owner.kind !== "service-account") return undefined;
      const secret = newTokenSecret();
      const row = {
        id: newId(),
        secret_hash: hashSecret(secret),
        kind: "made" as const,
        name: `job ${given.jobId}`,
        prefix: shownPrefix(secret),
        owner_kind: owner.kind,
        owner_id: owner.id,
        scopes: JSON.stringify(scopesOf(owner.scopes)),
        project_id: given.projectId,
        created_ms: clock.now(),
        expires_ms: given.expiresMs,
        last_used_ms: null,
        revoked_ms: null,
        job_id: given.jobId,
      };
      await queries.addToken(tx, row);
      await tell(tx, given.by, {
        action: "token.created",
        resource: { type: "token", id: row.id, name: row.name },
        details: {
          owner: { kind: owner.kind, id: owner.id },
          projectId: given.projectId,
          jobId: given.jobId,
        },
      });
      return { id: row.id, secret };
    },

    async revoke(tx, jobId, by) {
      for (const token of await queries.workingTokensOfJob(tx, jobId)) {
        await queries.revokeToken(tx, token.id, clock.now());
        await tell(tx, by, {
          action: "token.revoked",
          resource: { type: "token", id: token.id, name: token.name },
          details: { jobId },
        });
      }
    },

    scopesOf,
  };
}

function scopesOf(given: readonly Permission[] | undefined): readonly Permission[] {
  return given === undefined ? SCOPES : SCOPES.filter((permission) => given.includes(permission));
}
