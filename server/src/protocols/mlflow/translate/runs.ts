import type { Point, Run } from "#modules/tracking";
import type { WireMetric, WireRun, WireRunInfo } from "../wire/runs.ts";
import { toArtifactUri } from "./locations.ts";
import { toWireNumber, unlessEmpty } from "./values.ts";

/** The same version of a run is the same object, so its text is written once and joined into every answer after. */
const texts = new WeakMap<Run, string>();

/** A run as JSON text. */
export function runText(run: Run): string {
  const known = texts.get(run);
  if (known !== undefined) return known;
  const text = JSON.stringify(toWireRun(run));
  texts.set(run, text);
  return text;
}

function toWireRun(run: Run): WireRun {
  return {
    info: toWireRunInfo(run),
    data: {
      metrics: unlessEmpty(run.metrics.map(toWireMetric)),
      params: unlessEmpty([...run.params]),
      tags: unlessEmpty([...run.tags]),
    },
    inputs: {
      dataset_inputs: unlessEmpty(run.datasets.map(toWireDatasetInput)),
      model_inputs: unlessEmpty(run.modelInputs.map((model_id) => ({ model_id }))),
    },
    outputs: {
      model_outputs: unlessEmpty(run.modelOutputs.map(({ modelId, step }) => ({ model_id: modelId, step }))),
    },
  };
}

export function toWireRunInfo(run: Run): WireRunInfo {
  return {
    run_uuid: run.id,
    experiment_id: run.experimentId,
    run_name: run.name,
    user_id: run.owner,
    status: run.status,
    start_time: run.startedMs,
    end_time: run.endedMs,
    artifact_uri: toArtifactUri(run.artifactPath),
    lifecycle_stage: run.lifecycle,
    run_id: run.id,
  };
}

export function toWireMetric(point: Point & { runId?: string | undefined }): WireMetric {
  return {
    key: point.key,
    value: toWireNumber(point.value),
    timestamp: point.timestampMs,
    step: point.step,
    model_id: point.modelId,
    dataset_name: point.datasetName,
    dataset_digest: point.datasetDigest,
    run_id: point.runId,
  };
}

function toWireDatasetInput({ dataset, tags }: Run["datasets"][number]) {
  const { name, digest, sourceType, source, schema, profile } = dataset;
  return {
    tags: unlessEmpty([...tags]),
    dataset: { name, digest, source_type: sourceType, source, schema, profile },
  };
}
