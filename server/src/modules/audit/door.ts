import type { AuditFilter, AuditRecord, AuditVerification } from "@atrium/contract/audit";
import type { Page } from "#lib/paging";
import type { AuditActor, AuditTrail } from "./record.ts";

/** The door of identity as audit needs it; audit stands below identity, so it names the shape and not the module. */
export interface AuditAccess<Who extends AuditActor> {
  require(
    actor: Who,
    permission: "audit:read",
    place: { kind: "instance" } | { kind: "project"; projectId: string },
  ): Promise<void>;
}

/** The whole of audit: the trail for everyone, and reading, proving and verifying for routes and the CLI. */
export interface Audit extends AuditTrail {
  /** Newest first. The caller has checked the permission. */
  search(
    filter: AuditFilter,
    page: { pageSize: number; pageToken?: string | undefined },
  ): Promise<Page<AuditRecord>>;
  /** Lines of text, oldest first, in chunks; memory stays flat however many there are. */
  export(filter: AuditFilter, format: "ndjson" | "csv"): AsyncIterable<string>;
  /** Proof that record `seq` is in the signed log. @throws AppError `not_found` */
  prove(seq: number): Promise<{ proof: string; event: string; verifierKey: string }>;
  /** Signs the tree as it stands, if it grew, and keeps a copy outside the database. */
  checkpoint(): Promise<void>;
  latestCheckpoint(): Promise<{ note?: string; size: number; verifierKey: string }>;
  /** Recomputes everything in bounded memory and names the first bad record. */
  verify(signal?: AbortSignal): Promise<AuditVerification>;
}
