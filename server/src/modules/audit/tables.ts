export interface AuditTables {
  audit_records: {
    seq: number;
    event: string;
    hash: Buffer;
    at_ms: number;
    actor_id: string;
    action: string;
    resource_type: string;
    resource_id: string;
    organisation_id: string | null;
    project_id: string | null;
    outcome: string;
  };
  audit_head: { id: number; size: number; hash: Buffer; frontier: Buffer };
  audit_tiles: { tile: number; hash: Buffer };
  audit_checkpoints: { size: number; note: string; at_ms: number };
  audit_keys: { name: string; public_key: Buffer; wrapped_private_key: string; created_ms: number };
}

export type RecordRow = AuditTables["audit_records"];
