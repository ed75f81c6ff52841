import type { Experiment, View } from "@atrium/contract/tracking";
import type { WireExperiment } from "../wire/experiments.ts";
import { toArtifactUri } from "./locations.ts";
import { toWirePairs } from "./values.ts";

const VIEWS = { ACTIVE_ONLY: "active", DELETED_ONLY: "deleted", ALL: "all" } as const;

export function toView(wire: keyof typeof VIEWS | undefined): View {
  return VIEWS[wire ?? "ACTIVE_ONLY"];
}

/** @param workspace the project's short name, which is what they call a workspace */
export function toWireExperiment(experiment: Experiment, workspace: string | undefined): WireExperiment {
  return {
    experiment_id: experiment.id,
    name: experiment.name,
    artifact_location: toArtifactUri(experiment.id),
    lifecycle_stage: experiment.lifecycle,
    last_update_time: experiment.updatedMs,
    creation_time: experiment.createdMs,
    tags: toWirePairs(experiment.tags),
    workspace,
  };
}
