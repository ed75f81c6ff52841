import type { DatasetCheckResult, DatasetFormat, DatasetVersion } from "@atrium/contract/datasets";

export interface DatasetsTables {
  datasets_datasets: DatasetRow;
  datasets_versions: VersionRow;
  datasets_profiles: { dataset_id: string; version: number; profile: string };
  datasets_files: FileRow;
  datasets_check_results: ResultRow;
  datasets_leftovers: { path: string; project_id: string; due_ms: number };
}

export interface DatasetRow {
  id: string;
  project_id: string;
  name: string;
  description: string;
  owner: string;
  tags: string;
  checks: string;
  words: string;
  last_version: number;
  versions: number;
  created_by: string;
  created_ms: number;
  updated_ms: number;
}

export interface VersionRow {
  dataset_id: string;
  version: number;
  project_id: string;
  state: DatasetVersion["state"];
  reason: string;
  description: string;
  format: DatasetFormat;
  source: string;
  source_digest: string;
  digest: string;
  size_bytes: number;
  files: number;
  row_count: number | null;
  columns: string | null;
  passed: number | null;
  failed: number | null;
  warned: number | null;
  certified_by: string | null;
  certified_ms: number | null;
  certified_note: string | null;
  tries: number;
  due_ms: number;
  created_by: string;
  created_ms: number;
  ready_ms: number | null;
}

export interface FileRow {
  dataset_id: string;
  version: number;
  role: "given" | "table";
  ordinal: number;
  path: string;
  digest: string;
  size_bytes: number;
}

export interface ResultRow {
  dataset_id: string;
  version: number;
  ordinal: number;
  spec: string;
  state: DatasetCheckResult["state"];
  failed_count: number;
  row_count: number;
  message: string;
  examples: string;
  ran_ms: number;
}
