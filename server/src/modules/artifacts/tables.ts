export interface ArtifactTables {
  artifacts_files: FileRow;
  artifacts_contents: ContentRow;
  artifacts_removals: { object_id: string; project_id: string };
  artifacts_uploads: UploadRow;
  artifacts_parts: PartRow;
}

export interface FileRow {
  project_id: string;
  path: string;
  digest: string;
  size_bytes: number;
  media_type: string;
  created_ms: number;
}

export interface ContentRow {
  project_id: string;
  digest: string;
  object_id: string;
  size_bytes: number;
  used_ms: number;
  verified_ms: number;
  damaged_ms: number;
}

export interface UploadRow {
  id: string;
  project_id: string;
  path: string;
  media_type: string;
  created_ms: number;
  expires_ms: number;
}

export interface PartRow {
  upload_id: string;
  number: number;
  project_id: string;
  digest: string;
  size_bytes: number;
}
