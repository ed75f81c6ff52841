import type { LoggedModel, ModelOrder } from "#modules/tracking";
import type { Given } from "../wire/decode.ts";
import type { searchLoggedModels, WireLoggedModel } from "../wire/logged-models.ts";
import { toArtifactUri } from "./locations.ts";
import { toWireMetric } from "./runs.ts";
import { unlessBlank, unlessEmpty } from "./values.ts";

const STATUS = {
  PENDING: "LOGGED_MODEL_PENDING",
  READY: "LOGGED_MODEL_READY",
  FAILED: "LOGGED_MODEL_UPLOAD_FAILED",
} as const;

type Order = NonNullable<Given<typeof searchLoggedModels>["order_by"]>[number];

export function toWireLoggedModel(model: LoggedModel): WireLoggedModel {
  return {
    info: {
      model_id: model.id,
      experiment_id: model.experimentId,
      name: model.name,
      creation_timestamp_ms: model.createdMs,
      last_updated_timestamp_ms: model.updatedMs,
      artifact_uri: toArtifactUri(model.artifactPath),
      status: STATUS[model.status],
      model_type: model.modelType,
      source_run_id: model.sourceRunId ?? "",
      status_message: unlessBlank(model.statusMessage),
      tags: unlessEmpty([...model.tags]),
    },
    data: {
      params: unlessEmpty([...model.params]),
      metrics: unlessEmpty(model.metrics.map(toWireMetric)),
    },
  };
}

export function toModelOrder(order: Order): ModelOrder {
  return {
    field: order.field_name,
    ascending: order.ascending,
    datasetName: unlessBlank(order.dataset_name),
    datasetDigest: unlessBlank(order.dataset_digest),
  };
}
