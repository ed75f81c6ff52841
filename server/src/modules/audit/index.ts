export { createAudit } from "./audit.ts";
export type { Audit } from "./door.ts";
export { auditJobs } from "./jobs.ts";
export type { AuditActor, AuditEntry, AuditTrail } from "./record.ts";
export { auditRoutes } from "./routes.ts";
export { rewrapSigningKeys } from "./signer.ts";
