import { addressOf } from "../../lib/api.ts";
import { apiCode, type SameAsCode } from "../../lib/code.tsx";

export function notebooksCode(project: string): SameAsCode {
  const path = addressOf("/notebooks/files", { project, query: { below: "all" } });
  return apiCode({ path, cli: `atrium notebooks start --project ${project}` });
}

export function notebookCode(
  project: string,
  of: { path: string; version?: number | undefined },
): SameAsCode {
  return apiCode({ path: addressOf("/notebooks/content", { project, query: of }) });
}

/** The run that a form describes. */
export function startRunCode(project: string, body: object): SameAsCode {
  return apiCode({ path: addressOf("/notebooks/runs", { project }), method: "POST", body });
}

export function notebookRunCode(project: string, id: string): SameAsCode {
  return apiCode({ path: addressOf("/notebooks/runs/:run/document", { project, params: { run: id } }) });
}
