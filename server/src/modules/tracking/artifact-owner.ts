import { AppError } from "#lib/errors";
import type { OwnerOf } from "#modules/artifacts";
import type { TrackingDeps } from "./deps.ts";
import { DEFAULT_EXPERIMENT } from "./experiment.ts";
import { placeOf } from "./places.ts";
import { experimentById } from "./queries/experiments.ts";
import { loggedModelById } from "./queries/logged-models.ts";
import { runById } from "./queries/runs.ts";

const KNOWN_MAX = 50_000; // Runs and models whose files are being written, and then some: about 8 MiB.
// Clients write what a trace is made of below its experiment, and tell of the trace only afterwards.
const WITHOUT_OWNER = "traces";
const MODELS = "models";

/**
 * Files below an experiment's number carry that experiment's grants; no other module begins a path with a number. Nobody
 * writes below a run or a logged model that the project does not have: no list would ever show such a file.
 */
export function createArtifactOwner({ db }: Pick<TrackingDeps, "db">): OwnerOf {
  // Neither leaves its experiment, so what was found once holds; what is not there is asked for each time.
  const known = new Set<string>();

  return async (projectId, path, permission) => {
    const [first = "", second = "", third = ""] = path.split("/", 3);
    if (!/^\d{1,15}$/.test(first)) return undefined;
    if (permission === "artifact:write") {
      await requireThing({ projectId, experimentId: Number(first), second, third });
    }
    return placeOf(projectId, Number(first));
  };

  async function requireThing(of: {
    projectId: string;
    experimentId: number;
    second: string;
    third: string;
  }): Promise<void> {
    const name = `${of.projectId}/${of.experimentId}/${of.second}${of.second === MODELS ? `/${of.third}` : ""}`;
    if (known.has(name)) return;
    if (!(await isThere(of))) {
      throw new AppError("not_found", `There is no run and no logged model whose files lie there.`);
    }
    if (known.size >= KNOWN_MAX) known.clear();
    known.add(name);
  }

  async function isThere({
    projectId,
    experimentId,
    second,
    third,
  }: Parameters<typeof requireThing>[0]): Promise<boolean> {
    if (second === WITHOUT_OWNER) {
      if (experimentId === DEFAULT_EXPERIMENT.id) return true; // Every project has it, made when somebody looks.
      return (await experimentById(db.reader, projectId, experimentId)) !== undefined;
    }
    const owner =
      second === MODELS
        ? await loggedModelById(db.reader, projectId, third)
        : await runById(db.reader, projectId, second);
    return owner?.experiment_id === experimentId;
  }
}
