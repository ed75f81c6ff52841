import type { DeploymentSettings, EndpointInput, ServingEngine } from "@atrium/contract/serving";
import type { Engine, Signature } from "#ports/engines";
import type { ColdTables } from "./cold-tables.ts";
import type { LocalState } from "./view.ts";

/** A deployment as this process holds it. */
export interface LiveDeployment {
  id: string;
  number: number;
  model: { name: string; version: number };
  engineKind: ServingEngine;
  settings: DeploymentSettings;
  /** Of the table that the model was trained on; empty when it does not say. */
  columns: readonly string[];
  /** Undefined until it has been warmed up here. */
  engine: Engine | undefined;
  /** Settles when `engine` is there, or when it is known why not. */
  opened: Promise<void>;
  local: LocalState;
  lastMs: number;
}

export interface LiveRoute {
  deployment: LiveDeployment;
  weight: number;
}

/** An endpoint as the inference path sees it; replaced whole when its routing changes. */
export interface LiveEndpoint {
  id: string;
  projectId: string;
  name: string;
  input: EndpointInput;
  revision: number;
  routes: readonly LiveRoute[];
  coldTables: ColdTables;
  /** Proves the ids of this project's predictions. */
  idKey: Buffer;
}

export function signatureOf(deployment: LiveDeployment): Signature {
  return deployment.engine?.signature ?? { inputs: [], outputs: [] };
}

/** By which its logs and its metrics are found. */
export function labelsOf(
  endpoint: string,
  { number, model }: Pick<LiveDeployment, "number" | "model">,
): { endpoint: string; deployment: string; model: string; version: string } {
  return { endpoint, deployment: String(number), model: model.name, version: String(model.version) };
}
