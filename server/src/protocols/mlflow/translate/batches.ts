import type { Batch, DatasetInput, Point } from "#modules/tracking";
import type { Given } from "../wire/decode.ts";
import type { logBatch, logInputs, logMetric } from "../wire/runs.ts";
import { toKeyValues, unlessBlank } from "./values.ts";

type GivenPoint = Omit<Given<typeof logMetric>, "run_id">;
type GivenInput = NonNullable<Given<typeof logInputs>["datasets"]>[number];

export function toPoint(given: GivenPoint): Point {
  return {
    key: given.key,
    value: given.value,
    timestampMs: given.timestamp,
    step: given.step ?? 0,
    modelId: unlessBlank(given.model_id),
    datasetName: unlessBlank(given.dataset_name),
    datasetDigest: unlessBlank(given.dataset_digest),
  };
}

export function toBatch(given: Pick<Given<typeof logBatch>, "metrics" | "params" | "tags">): Batch {
  return {
    metrics: (given.metrics ?? []).map(toPoint),
    params: toKeyValues(given.params),
    tags: toKeyValues(given.tags),
  };
}

export function toDatasetInput({ dataset, tags }: GivenInput): DatasetInput {
  const { name, digest, source_type = "", source = "", schema, profile } = dataset;
  return {
    dataset: {
      name,
      digest,
      sourceType: source_type,
      source,
      schema: unlessBlank(schema),
      profile: unlessBlank(profile),
    },
    tags: toKeyValues(tags),
  };
}
