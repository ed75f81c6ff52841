import type { ServingEndpoint } from "@atrium/contract/serving";
import { addressOf } from "../../lib/api.ts";
import { apiCode, curlOf, type SameAsCode, shellQuoted } from "../../lib/code.tsx";
import { instancesOf } from "./example.ts";
import { mlflowSnippet, predictPath, requestsSnippet, tritonSnippet } from "./snippets.ts";

export function endpointsCode(project: string): SameAsCode {
  return apiCode({
    path: addressOf("/endpoints", { project }),
    cli: `atrium endpoints list --project ${project}`,
  });
}

/** One way each to ask an endpoint with its own example. */
export function endpointCode(project: string, endpoint: ServingEndpoint): SameAsCode {
  const instances = instancesOf(endpoint);
  const at = { origin: location.origin, project, endpoint, instances };
  return {
    cli: `atrium predict ${endpoint.name} --project ${project} --instances ${shellQuoted(JSON.stringify(instances))}`,
    python: requestsSnippet(at),
    curl: curlOf(predictPath(at), "POST", { instances }),
  };
}

export interface Snippet {
  id: string;
  title: string;
  code: string;
  /** What to know before pasting. */
  note: string;
}

/** The ways to ask this endpoint from elsewhere, with the clients people have. */
export function snippetsOf(project: string, endpoint: ServingEndpoint): Snippet[] {
  const at = { origin: location.origin, project, endpoint, instances: instancesOf(endpoint) };
  const { cli = "", curl, python } = endpointCode(project, endpoint);
  const joins = endpoint.input.kind === "entities";
  const past = joins ? " It asks the model itself, with its own inputs: no features are joined." : "";
  return [
    { id: "curl", title: "curl", code: curl, note: "Answers with prediction ids, and says who answered." },
    { id: "requests", title: "Python (requests)", code: python, note: "The same from Python." },
    {
      id: "mlflow",
      title: "Python (mlflow)",
      code: mlflowSnippet(at),
      note: `MLflow's scoring protocol: any client of it, and every format of its bodies.${past}`,
    },
    {
      id: "triton",
      title: "tritonclient",
      code: tritonSnippet(at),
      note: `The Open Inference Protocol; needs pip install "tritonclient[http]".${past}`,
    },
    {
      id: "cli",
      title: "CLI",
      code: cli,
      note: "Without --instances it asks with the endpoint's own example.",
    },
  ];
}

/** A first endpoint from a model that is registered already. */
export function firstEndpointCode(project: string, token: string): string {
  return [
    `export ATRIUM_URL=${location.origin}`,
    `export ATRIUM_TOKEN=${token}`,
    `atrium deploy my-endpoint --model models:/MODEL/1 --project ${project}`,
    `atrium predict my-endpoint --project ${project}`,
  ].join("\n");
}

export interface DeployAsked {
  endpoint: string;
  model: string;
  engine: string;
  weight: number;
  copies: number;
}

/** What the deploy form does, as a command; copies have no flag there, so more than one is a call of the API. */
export function deployCode(project: string, asked: DeployAsked): SameAsCode {
  const { endpoint, model, engine, weight, copies } = asked;
  const body = {
    model,
    ...(engine === "" ? {} : { engine }),
    weight,
    ...(copies === 1 ? {} : { settings: { copies } }),
  };
  const flags = `--model ${shellQuoted(model)}${engine === "" ? "" : ` --engine ${engine}`} --weight ${weight}`;
  return apiCode({
    path: addressOf("/endpoints/:endpoint/deployments", { project, params: { endpoint } }),
    method: "POST",
    body,
    ...(copies === 1 ? { cli: `atrium deploy ${endpoint} ${flags} --project ${project}` } : {}),
  });
}
