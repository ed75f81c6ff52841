import type { Clock } from "#lib/clock";
import type { OwnAddress, WebhookHeaders } from "#lib/webhook";
import type { Artifacts } from "#modules/artifacts";
import type { AuditTrail } from "#modules/audit";
import type { AccessControl } from "#modules/identity";
import type { Lineage } from "#modules/lineage";
import type { Projects } from "#modules/projects";
import type { Tracking } from "#modules/tracking";
import type { Database } from "#ports/database";
import type { Events } from "#ports/events";

/** What the registry stands on; wiring hands it in. */
export interface RegistryDeps {
  db: Database;
  clock: Clock;
  access: AccessControl;
  audit: AuditTrail;
  events: Pick<Events, "announce">;
  projects: Pick<Projects, "checkQuota" | "get" | "keys">;
  /** This server's own address, once it listens: a webhook may lead there, though it is inside. */
  ownAddress?: (() => OwnAddress | undefined) | undefined;
  lineage: Pick<Lineage, "link" | "unlink" | "rename">;
  artifacts: Pick<Artifacts, "list">;
  tracking: {
    runs: Pick<Tracking["runs"], "get">;
    loggedModels: Pick<Tracking["loggedModels"], "get" | "changeTag">;
  };
  clientTags: ClientTags;
  /** What webhooks call the headers that prove who sends; wiring names them. */
  webhookHeaders: WebhookHeaders;
}

/** Tags by which clients talk about things that have no field of their own; wiring names them. */
export interface ClientTags {
  /** Marks a model, with the value `true`, as a prompt. */
  prompt: string;
  /** Of a prompt's version: its text. */
  promptText: string;
  /** Of a prompt and its versions: which kind of text it is. */
  promptType: string;
  /** Holds, on a logged model, the versions it was registered as: a JSON list of `{ name, version }`. */
  registeredAs: string;
}
