import type { trackingApi } from "@atrium/contract/tracking";
import { useState } from "react";
import { ApiError, operation, useApi } from "../../lib/api.ts";
import { useSubmit } from "../../lib/form.tsx";
import { useFresh } from "../../lib/fresh.ts";
import { createModel, createVersion, listModels, REGISTRY_READS } from "./registry-api.ts";

const searchLoggedModels = operation<(typeof trackingApi)["searchLoggedModels"]>("GET /logged-models");

const NAMES_SUGGESTED_MAX = 1000;
const RECENT_MODELS_MAX = 50;
/** Stands among the choices for a folder of the run's own files. */
export const FOLDER = "folder";

interface RegisterFrom {
  runId?: string;
  loggedModelIds: readonly string[];
  suggestedName?: string;
}

/** What is to be registered as a version of what. */
export interface Registration {
  project: string;
  /** The model it becomes a version of, when that is settled. */
  model?: string | undefined;
  /** What is registered, when that is settled; else one of the newest logged models. */
  from?: RegisterFrom | undefined;
}

/** A registration as it is filled in. `onMade` hears which version it has become. */
export function useRegistration(
  { project, model, from }: Registration,
  onMade: (name: string, version: number) => void,
) {
  const fresh = useFresh(REGISTRY_READS);
  const known = useApi(listModels, { project, query: { pageSize: NAMES_SUGGESTED_MAX } }).data?.items ?? [];
  const sources = useSources(project, from);
  const [name, setName] = useState(model ?? from?.suggestedName ?? "");
  const [chosen, setChosen] = useState(from?.loggedModelIds[0] ?? (from?.runId ? FOLDER : ""));
  const [folder, setFolder] = useState("model");
  const [description, setDescription] = useState("");
  const source = chosen || sources.first || "";
  const wanted = name.trim();
  const isNew = wanted !== "" && !known.some((one) => one.name === wanted);
  const made =
    source === FOLDER
      ? { ...(from?.runId ? { runId: from.runId } : {}), path: folder.trim() }
      : { loggedModelId: source };
  const form = useSubmit(async () => {
    let version = 0;
    await fresh(async () => {
      if (isNew) await createModel({ project, body: { name: wanted } }).catch(unlessKnown);
      const body = { description, ...made };
      version = (await createVersion({ project, params: { model: wanted }, body })).version;
    });
    onMade(wanted, version);
  });
  return {
    ...{ known, isNew, form, source },
    ...{ name, setName, setChosen, folder, setFolder, description, setDescription },
    choices: sources.choices,
    /** Whether the run or the project is known to have nothing that could be registered. */
    hasNoSource: sources.choices.length === 0 && sources.isRead,
    isWhole: source !== "" && wanted !== "",
  };
}

/** What can be registered: the logged models that are settled or else the newest ones, and a run's own files. */
function useSources(project: string, from: RegisterFrom | undefined) {
  const recent = useApi(searchLoggedModels, {
    project,
    query: { pageSize: RECENT_MODELS_MAX, ...(from?.runId ? { runId: from.runId } : {}) },
  }).data?.items;
  const offered = (recent ?? []).filter((one) => !from || from.loggedModelIds.includes(one.id));
  const models =
    offered.length > 0
      ? offered.map((one) => ({ value: one.id, title: `${one.name} (${one.id.slice(0, 10)}…)` }))
      : (from?.loggedModelIds ?? []).map((id) => ({ value: id, title: id }));
  return {
    first: offered[0]?.id,
    choices: [...models, ...(from?.runId ? [{ value: FOLDER, title: "A folder of the run's files" }] : [])],
    isRead: recent !== undefined,
  };
}

/** Somebody may have made the model in the meantime, or it lies beyond the suggested names: then it gets a version. */
function unlessKnown(error: unknown): void {
  if (!(error instanceof ApiError && error.code === "conflict")) throw error;
}
