import { message, required, text } from "./decode.ts";

export const createWorkspace = message({
  name: required(text),
  description: text,
  default_artifact_root: text,
});
export const byWorkspace = message({ workspace_name: required(text) });
export const updateWorkspace = message({
  workspace_name: required(text),
  description: text,
  default_artifact_root: text,
});
/** Their client says how in the query; one with a body may say it there. */
export const deleteWorkspace = message({ workspace_name: required(text), mode: text });

export interface WireWorkspace {
  name: string;
  description?: string | undefined;
}
