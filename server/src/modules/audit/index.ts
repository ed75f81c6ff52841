export type { Audit, AuditAccess } from "./door.ts";
export type { AuditActor, AuditEntry, AuditTrail } from "./record.ts";
