import { z } from "zod";
import { endpoint } from "./http.ts";

export const auditOutcome = z.enum(["done", "denied", "failed"]);

/** One line of the audit trail. `seq` counts from 0 without a gap; `hash` is hexadecimal. */
export const auditRecord = z.object({
  seq: z.number().int(),
  atMs: z.number().int(),
  actor: z.object({ kind: z.string(), id: z.string(), name: z.string() }),
  via: z.object({ kind: z.string(), id: z.string() }),
  action: z.string(),
  resource: z.object({ type: z.string(), id: z.string(), name: z.string().optional() }),
  organisationId: z.string().optional(),
  projectId: z.string().optional(),
  outcome: auditOutcome,
  details: z.record(z.string(), z.unknown()),
  request: z.object({ id: z.string(), ip: z.string(), userAgent: z.string() }),
  hash: z.string(),
});
export type AuditRecord = z.output<typeof auditRecord>;

const filterFields = {
  actorId: z.string().max(200).optional(),
  /** A whole action, or its beginning: `run.` finds all that happened to runs. */
  action: z.string().max(100).optional(),
  resourceType: z.string().max(100).optional(),
  resourceId: z.string().max(512).optional(),
  outcome: auditOutcome.optional(),
  /** Inclusive start and exclusive end, milliseconds since 1970 UTC. */
  fromMs: z.coerce.number().int().optional(),
  toMs: z.coerce.number().int().optional(),
  /** Any text within the record, whatever its case. */
  text: z
    .string()
    .max(200)
    .refine((text) => !text.includes("\0"), "No record holds the character NUL.")
    .optional(),
};

export const auditFilter = z.object({ ...filterFields, projectId: z.string().max(100).optional() });
export type AuditFilter = z.output<typeof auditFilter>;

const pageFields = {
  pageSize: z.coerce.number().int().min(1).max(1000).default(100),
  pageToken: z.string().max(500).optional(),
};

const recordPage = z.object({ items: z.array(auditRecord), nextToken: z.string().optional() });

/** What is wrong with a record, or with a checkpoint over it. */
export const auditFault = z.enum(["edited", "missing", "reordered", "truncated", "forked", "unsigned"]);

export const auditVerification = z.object({
  intact: z.boolean(),
  /** Records read, and the checkpoints that were compared: ours, and those kept outside the database. */
  records: z.number().int(),
  checkpoints: z.number().int(),
  outsideCheckpoints: z.number().int(),
  /** Records after the last checkpoint: chained, but not yet signed. */
  unsignedRecords: z.number().int(),
  root: z.string(),
  fault: z.object({ kind: auditFault, seq: z.number().int(), message: z.string() }).optional(),
});
export type AuditVerification = z.output<typeof auditVerification>;

export const auditApi = {
  searchRecords: endpoint({
    method: "GET",
    path: "/audit/records",
    permission: "audit:read",
    scope: "instance",
    summary: "The audit trail of the whole instance, newest first.",
    query: z.object({ ...filterFields, ...pageFields, projectId: z.string().max(100).optional() }),
    answer: recordPage,
  }),
  searchProjectRecords: endpoint({
    method: "GET",
    path: "/audit/project-records",
    permission: "audit:read",
    scope: "project",
    summary: "The audit trail of one project, newest first.",
    query: z.object({ ...filterFields, ...pageFields }),
    answer: recordPage,
  }),
  exportRecords: endpoint({
    method: "GET",
    path: "/audit/export",
    permission: "audit:read",
    scope: "instance",
    summary: "All records that match, oldest first, as a stream of NDJSON or CSV. The export is recorded.",
    query: auditFilter.extend({ format: z.enum(["ndjson", "csv"]).default("ndjson") }),
    answer: z.string(),
  }),
  proveRecord: endpoint({
    method: "GET",
    path: "/audit/records/:seq/proof",
    permission: "audit:read",
    scope: "instance",
    summary: "A proof that one record is in the signed log, in C2SP tlog-proof text.",
    params: z.object({ seq: z.coerce.number().int().min(0) }),
    answer: z.object({ proof: z.string(), event: z.string(), verifierKey: z.string() }),
  }),
  latestCheckpoint: endpoint({
    method: "GET",
    path: "/audit/checkpoints/latest",
    permission: "audit:read",
    scope: "instance",
    summary: "The newest signed checkpoint, in C2SP signed-note text, and the key that verifies it.",
    answer: z.object({ note: z.string().optional(), size: z.number().int(), verifierKey: z.string() }),
  }),
  verifyTrail: endpoint({
    method: "POST",
    path: "/audit/verify",
    permission: "audit:read",
    scope: "instance",
    summary: "Recomputes the whole chain, its roots and signatures, and names the first bad record.",
    answer: auditVerification,
  }),
};
