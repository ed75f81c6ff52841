import { Readable } from "node:stream";
import { auditApi } from "@atrium/contract/audit";
import type { Serve } from "#lib/http";
import type { Audit, AuditAccess } from "./door.ts";
import type { AuditActor } from "./record.ts";

const INSTANCE = { kind: "instance" } as const;

/** Our own API of the audit trail. `access` is identity's door; it is asked before anything is read. */
export function auditRoutes<Who extends AuditActor>(
  serve: Serve<Who>,
  audit: Audit,
  access: AuditAccess<Who>,
): void {
  serve(auditApi.searchRecords, async ({ actor, query: { pageSize, pageToken, ...filter } }) => {
    await access.require(actor, "audit:read", INSTANCE);
    return audit.search(filter, { pageSize, pageToken });
  });

  serve(
    auditApi.searchProjectRecords,
    async ({ actor, projectId, query: { pageSize, pageToken, ...filter } }) => {
      await access.require(actor, "audit:read", { kind: "project", projectId });
      return audit.search({ ...filter, projectId }, { pageSize, pageToken });
    },
  );

  serve(auditApi.exportRecords, async ({ actor, query: { format, ...filter }, reply }) => {
    await access.require(actor, "audit:read", INSTANCE);
    await audit.recordAccess(actor, {
      action: "audit.exported",
      resource: TRAIL,
      details: { format, ...filter },
    });
    const type = format === "csv" ? "text/csv; charset=utf-8" : "application/x-ndjson";
    return reply
      .header("content-disposition", `attachment; filename="audit.${format}"`)
      .type(type)
      .send(Readable.from(audit.export(filter, format)));
  });

  serve(auditApi.proveRecord, async ({ actor, params }) => {
    await access.require(actor, "audit:read", INSTANCE);
    return audit.prove(params.seq);
  });

  serve(auditApi.latestCheckpoint, async ({ actor }) => {
    await access.require(actor, "audit:read", INSTANCE);
    return audit.latestCheckpoint();
  });

  serve(auditApi.verifyTrail, async ({ actor }) => {
    await access.require(actor, "audit:read", INSTANCE);
    await audit.recordAccess(actor, { action: "audit.verified", resource: TRAIL });
    return audit.verify();
  });
}

const TRAIL = { type: "audit", id: "trail" };
