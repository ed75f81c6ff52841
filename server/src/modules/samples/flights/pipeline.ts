import { readFile } from "node:fs/promises";
import { AppError } from "#lib/errors";
import type { Pipelines } from "#modules/pipelines";
import type { Registry } from "#modules/registry";
import { done, notYet, type Outcome, type Round, type Step } from "../step.ts";
import { calendarOf, DAY_MS, dayOf } from "./calendar.ts";
import { MODEL, PIPELINE } from "./names.ts";

const RUN = "first training";
const SOURCE = "samples/flights/pipeline.py";

export interface PipelineDeps {
  pipelines: Pipelines;
  registry: Registry;
  /** The compiled pipeline. */
  spec: string;
  /** Of this checkout, where it is known: with it every model leads back to the code that trained it. */
  commit: string | undefined;
}

/** The compiled pipeline, uploaded and run once: training set, two algorithms, the better one registered as champion. */
export function pipelineStep(deps: PipelineDeps): Step {
  const { pipelines, registry, spec, commit } = deps;
  return {
    name: "pipeline",
    title: "A training pipeline from features to a registered model",
    leadsTo: { kind: "pipeline", name: PIPELINE },
    round,
  };

  async function round({ actor, projectId, begunMs, again }: Round): Promise<Outcome> {
    const found = await pipelines.definitions.search(actor, projectId, { name: PIPELINE, pageSize: 1 });
    if (found.items.length === 0) {
      await pipelines.definitions.upload(actor, projectId, {
        pipeline: { name: PIPELINE, description: "Learns which flights will be late." },
        version: {
          name: "v1",
          spec: await readFile(spec, "utf8"),
          codeSource: commit === undefined ? SOURCE : `${SOURCE} at ${commit}`,
        },
      });
    }
    const conditions = [{ field: "name", operation: "=", value: RUN }] as const;
    const runs = await pipelines.runs.search(actor, projectId, { conditions, pageSize: 1 });
    const run =
      runs.items[0] ??
      (await pipelines.runs.start(actor, projectId, {
        ...{ name: RUN, pipeline: PIPELINE, key: "sample" },
        parameters: { last_day: dayOf(calendarOf(begunMs).presentMs - DAY_MS) },
      }));
    if (run.state === "failed" || run.state === "cancelled") {
      if (!again)
        throw new AppError("conflict", `The run "${RUN}" ${run.state}: ${run.reason ?? "see its steps"}`);
      await pipelines.runs.retry(actor, projectId, run.id);
      return notYet("trying again what failed");
    }
    if (run.state !== "succeeded") {
      const { running = 0, succeeded = 0, queued = 0 } = run.steps;
      return notYet(`${succeeded} steps done, ${running} running, ${queued} queued`);
    }
    const champion = await registry.versionByAlias(actor, { projectId, name: MODEL, alias: "champion" });
    return done(`${MODEL} version ${champion.version} is champion; ${champion.description}`);
  }
}
