import type { Stage } from "@atrium/contract/registry";

export interface RegistryTables {
  registry_models: ModelRow;
  registry_model_tags: { model_id: string; key: string; value: string };
  registry_versions: VersionRow;
  registry_version_tags: { model_id: string; version: number; key: string; value: string };
  registry_aliases: AliasRow;
  registry_alias_moves: AliasMoveRow;
  registry_webhooks: WebhookRow;
  registry_deliveries: DeliveryRow;
}

export interface ModelRow {
  id: string;
  project_id: string;
  name: string;
  description: string;
  last_version: number;
  versions: number;
  created_ms: number;
  updated_ms: number;
}

export interface VersionRow {
  model_id: string;
  version: number;
  project_id: string;
  description: string;
  stage: Stage;
  source: string;
  artifact_path: string;
  run_id: string;
  logged_model_id: string;
  run_link: string;
  created_by: string;
  created_ms: number;
  updated_ms: number;
}

export interface AliasRow {
  model_id: string;
  alias: string;
  version: number;
}

export interface AliasMoveRow {
  id: string;
  model_id: string;
  alias: string;
  from_version: number | null;
  to_version: number | null;
  at_ms: number;
  moved_by: string;
}

export interface WebhookRow {
  id: string;
  project_id: string;
  name: string;
  description: string;
  url: string;
  events: string;
  state: "active" | "disabled";
  secret: Buffer | null;
  created_by: string;
  created_ms: number;
  updated_ms: number;
}

export interface DeliveryRow {
  id: string;
  webhook_id: string;
  project_id: string;
  event: string;
  body: string;
  state: "pending" | "delivered" | "failed";
  attempts: number;
  created_ms: number;
  next_ms: number;
  ended_ms: number | null;
  last_status: number | null;
  last_error: string;
}
