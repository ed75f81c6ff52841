import { flag, list, message, required, text, whole } from "./decode.ts";
import { keyValue, type WireKeyValue } from "./shared.ts";

const name = required(text);
const version = required(text);
const key = required(text);
const search = { filter: text, max_results: whole, order_by: list(text), page_token: text };

export const createModel = message({ name, tags: list(keyValue), description: text });
export const byModelName = message({ name });
export const renameModel = message({ name, new_name: required(text) });
export const updateModel = message({ name, description: text });
export const searchRegistry = message(search);
export const latestVersions = message({ name, stages: list(text) });
export const setModelTag = message({ name, key, value: text });
export const deleteModelTag = message({ name, key });
export const setAlias = message({ name, alias: required(text), version });
export const byAlias = message({ name, alias: required(text) });

export const createVersion = message({
  name,
  source: required(text),
  run_id: text,
  tags: list(keyValue),
  run_link: text,
  description: text,
  model_id: text,
});
export const byVersion = message({ name, version });
export const updateVersion = message({ name, version, description: text });
export const moveVersion = message({
  name,
  version,
  stage: required(text),
  archive_existing_versions: flag,
});
export const setVersionTag = message({ name, version, key, value: text });
export const deleteVersionTag = message({ name, version, key });
export const versionFile = message({ name, version, path: required(text) });

export interface WireModelVersion {
  name: string;
  version: string;
  creation_timestamp: number;
  last_updated_timestamp: number;
  user_id?: string | undefined;
  current_stage: string;
  description: string;
  source: string;
  run_id: string;
  status: string;
  tags?: WireKeyValue[] | undefined;
  run_link: string;
  aliases?: string[] | undefined;
  model_id?: string | undefined;
}

export interface WireRegisteredModel {
  name: string;
  creation_timestamp: number;
  last_updated_timestamp: number;
  description?: string | undefined;
  latest_versions?: WireModelVersion[] | undefined;
  tags?: WireKeyValue[] | undefined;
  aliases?: { alias: string; version: string }[] | undefined;
}
