export interface NotebooksTables {
  notebooks_files: {
    project_id: string;
    path: string;
    parent: string;
    kind: "notebook" | "file" | "folder";
    id: string;
    version: number;
    size_bytes: number;
    digest: string;
    created_ms: number;
    modified_ms: number;
    modified_by: string;
  };
  notebooks_versions: {
    file_id: string;
    version: number;
    artifact_path: string;
    size_bytes: number;
    digest: string;
    saved_ms: number;
    saved_by: string;
  };
  notebooks_leftovers: { artifact_path: string; project_id: string };
  notebooks_servers: {
    id: string;
    project_id: string;
    user_id: string;
    user_name: string;
    job_id: string;
    requirements: string;
    started_ms: number;
    stop_asked_ms: number | null;
    answered_ms: number | null;
    given_up_ms: number | null;
    ended_ms: number | null;
  };
  notebooks_runs: {
    id: string;
    project_id: string;
    path: string;
    version: number;
    parameters: string;
    job_id: string;
    started_by: string;
    queued_ms: number;
    cells_total: number;
    cells_done: number;
    artifact_path: string;
    size_bytes: number;
  };
}

export type FileRow = NotebooksTables["notebooks_files"];
export type VersionRow = NotebooksTables["notebooks_versions"];
export type ServerRow = NotebooksTables["notebooks_servers"];
export type RunRow = NotebooksTables["notebooks_runs"];
