import type { GrantPlace } from "@atrium/contract/identity";
import type { AuditActor } from "#modules/audit";
import type { Tx } from "#ports/database";
import type { IdentityDeps } from "./deps.ts";
import { fileUnder } from "./place.ts";

const INSTANCE = { kind: "instance" } as const;

/** Which of our memories an event makes worthless, by its noun. */
const FORGETS: Record<string, readonly Memory[]> = {
  user: ["principals", "credentials", "passwords"],
  "service-account": ["principals", "credentials"],
  group: ["principals"],
  role: ["principals"],
  grant: ["principals"],
  token: ["credentials"],
  session: ["credentials"],
};
// Something that is only added takes nothing from what is known of the rest.
const ADDS_ONLY = new Set(["session.created", "token.created"]);

type Memory = "principals" | "credentials" | "passwords";

export interface Change {
  /** Audit action and event kind in one, such as `grant.created`. */
  action: string;
  resource: { type: string; id: string; name?: string };
  /** Where it is filed; the instance when not given. */
  place?: GrantPlace;
  details?: Record<string, unknown>;
}

export interface Changes {
  /** Writes the event and the audit record of a change in its transaction; call it last. */
  tell(tx: Tx, actor: AuditActor, change: Change): Promise<void>;
  /** News from any process, by the kind of its event. */
  heard(kind: string): void;
}

export function createChanges(
  { audit, events }: Pick<IdentityDeps, "audit" | "events">,
  forget: Record<Memory, () => void>,
): Changes {
  return {
    async tell(tx, actor, { action, resource, place = INSTANCE, details }) {
      const filed = fileUnder(place);
      tx.afterCommit(() => heard(action));
      await events.announce(tx, {
        kind: action,
        projectId: filed.projectId ?? null,
        key: resource.id,
        body: { id: resource.id },
      });
      await audit.record(tx, actor, { action, resource, ...filed, ...(details && { details }) });
    },
    heard,
  };

  function heard(kind: string): void {
    if (ADDS_ONLY.has(kind)) return;
    for (const memory of FORGETS[kind.split(".", 1)[0] ?? ""] ?? []) forget[memory]();
  }
}
