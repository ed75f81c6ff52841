import type {
  ColdStartTable,
  Deployment,
  EndpointInput,
  Revision,
  Route,
  ServingEndpoint,
} from "@atrium/contract/serving";
import type { Signature } from "#ports/engines";
import type { ColdTableRow, DeploymentRow, EndpointRow, RevisionRow } from "./tables.ts";

const NO_SIGNATURE: Signature = { inputs: [], outputs: [] };

/** What this process knows of an engine beyond what is stored. */
export interface LocalState {
  state: "starting" | "ready" | "restarting" | "failed";
  reason: string;
}

export function showEndpoint(
  row: EndpointRow,
  parts: {
    deployments: readonly DeploymentRow[];
    routes: readonly Route[];
    coldTables: readonly ColdTableRow[];
    local(deploymentId: string): LocalState | undefined;
  },
): ServingEndpoint {
  const { routes } = parts;
  const deployments = parts.deployments.map((one) => showDeployment(one, routes, parts.local(one.id)));
  const routed = deployments.filter((one) => one.weight > 0);
  const allReady = routed.every((one) => one.state === "ready");
  const starting = deployments.some((one) => one.state === "pending" || one.state === "starting");
  const input = JSON.parse(row.input) as EndpointInput;
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    input,
    state: routed.length === 0 ? (starting ? "starting" : "empty") : allReady ? "ready" : "degraded",
    revision: row.revision,
    routes: [...routes],
    deployments,
    coldStartTables: parts.coldTables
      .map((one) => showColdTable(one, input))
      .filter((one) => one !== undefined),
    ...(row.example === "" ? {} : { example: JSON.parse(row.example) as unknown }),
    createdBy: row.created_by,
    createdMs: row.created_ms,
    updatedMs: row.updated_ms,
  };
}

export function showDeployment(row: DeploymentRow, routes: readonly Route[], local?: LocalState): Deployment {
  const signature = row.signature === "" ? NO_SIGNATURE : (JSON.parse(row.signature) as Signature);
  // What is stored says what it should be; this process may know that its engine is just starting again.
  const shown = row.state === "ready" && local !== undefined && local.state !== "ready" ? local : row;
  return {
    id: row.id,
    number: row.number,
    model: {
      name: row.model_name,
      version: row.model_version,
      ...(row.model_alias === "" ? {} : { alias: row.model_alias }),
    },
    engine: row.engine,
    settings: JSON.parse(row.settings) as Deployment["settings"],
    state: shown.state === "restarting" ? "starting" : shown.state,
    reason: shown.reason,
    weight: routes.find((one) => one.deployment === row.id)?.weight ?? 0,
    inputs: signature.inputs.map(shapeOf),
    outputs: signature.outputs.map(shapeOf),
    createdBy: row.created_by,
    createdMs: row.created_ms,
    ...(row.ready_ms === null ? {} : { readyMs: row.ready_ms }),
  };
}

export function showRevision(
  row: RevisionRow,
  deployments: ReadonlyMap<string, Pick<DeploymentRow, "number" | "model_name" | "model_version">>,
): Revision {
  return {
    number: row.number,
    routes: routesOf(row).flatMap((route) => {
      const of = deployments.get(route.deployment);
      if (of === undefined) return [];
      return [{ ...route, number: of.number, model: { name: of.model_name, version: of.model_version } }];
    }),
    why: row.why,
    atMs: row.at_ms,
    by: row.made_by,
  };
}

export function routesOf(row: RevisionRow | undefined): Route[] {
  return row === undefined ? [] : (JSON.parse(row.routes) as Route[]);
}

function showColdTable(row: ColdTableRow, input: EndpointInput): ColdStartTable | undefined {
  const step = input.kind === "entities" ? input.coldStart?.chain[row.step] : undefined;
  if (step?.kind !== "segment" && step?.kind !== "popularity") return undefined;
  return {
    step: row.step,
    kind: step.kind,
    dataset: step.dataset,
    rows: row.row_count,
    ...(row.version === null ? {} : { version: row.version }),
    ...(row.refreshed_ms === null ? {} : { refreshedMs: row.refreshed_ms }),
    ...(row.error === "" ? {} : { error: row.error }),
  };
}

function shapeOf({ name, datatype, shape }: Signature["inputs"][number]) {
  return { name, datatype, shape: [...shape] };
}
