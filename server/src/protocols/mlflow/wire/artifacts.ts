import { message, required, text } from "./decode.ts";

export const listFolder = message({ path: text });
export const listRunArtifacts = message({
  run_id: required(text, "run_uuid"),
  path: text,
  page_token: text,
});
export const runFile = message({ run_id: required(text, "run_uuid"), path: required(text) });

export interface WireFile {
  path: string;
  is_dir: boolean;
  file_size?: number | undefined;
}
