import type { Inner } from "./inner.ts";
import { removeGrantsInProject } from "./queries/grants.ts";
import { suspendAccountsOfProject } from "./queries/service-accounts.ts";
import { revokeTokensOfProject } from "./queries/tokens.ts";
import { SYSTEM } from "./system.ts";

const STEP_ROWS = 200;

/** Takes away what pointed at a project that is no more. Works again and again until nothing is left. */
export async function clearProject(inner: Inner, projectId: string): Promise<void> {
  const { db, clock, tell } = inner;
  for (;;) {
    const count = await db.transaction(async (tx) => {
      const grants = await removeGrantsInProject(tx, projectId, STEP_ROWS);
      const tokens = await revokeTokensOfProject(tx, projectId, { nowMs: clock.now(), limit: STEP_ROWS });
      const accounts = await suspendAccountsOfProject(tx, projectId, STEP_ROWS);
      if (grants + tokens + accounts === 0) return 0;
      const change = { resource: { type: "project", id: projectId }, details: { grants, tokens, accounts } };
      if (tokens > 0) await tell(tx, SYSTEM, { action: "token.project-cleared", ...change });
      await tell(tx, SYSTEM, { action: "grant.project-cleared", ...change });
      return Math.max(grants, tokens, accounts);
    });
    if (count < STEP_ROWS) return;
  }
}
