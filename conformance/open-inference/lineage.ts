import type { Checks } from "../faults/lib/checks.ts";
import type { Server } from "../lib/server.ts";
import { ask, own } from "./lib/atrium.ts";

interface Thing {
  type: string;
  id: string;
  version?: string;
}

/** From a prediction back to the commit, and from a dataset version forward to what it reaches. */
export async function lineage(checks: Checks, server: Server): Promise<void> {
  const { body } = await ask(server, "POST /serving/rides/predict", {
    instances: [{ driver_id: 1, hour: 2, city: "Bern" }],
  });
  const id = body.predictions?.[0]?.predictionId;
  const origin = await own(server, `GET /endpoints/rides/predictions/${id}/origin`);
  const names = (origin.things as Thing[]).map(
    ({ type, id: name, version = "" }) => `${type} ${name} ${version}`,
  );
  const run = (origin.things as Thing[]).find(({ type }) => type === "run");
  const wanted = [
    "model-version drivers-onnx 1",
    `run ${run?.id} `,
    "training-set ranking 1",
    "feature-service ranking 1",
    "dataset drivers 1",
    "dataset trips 1",
  ];
  checks.that(
    "a prediction leads back to model version, run, training set and dataset versions",
    origin.deployment.number === "1" && wanted.every((one) => names.includes(one)) && names[0] === wanted[0],
    names,
  );
  const [source] = origin.sources;
  checks.that(
    "and to the commit of the code that trained it",
    source?.runId === run?.id && source?.commit === "0123456789abcdef0123456789abcdef01234567",
    origin.sources,
  );
  const forward = await own(
    server,
    "GET /lineage?type=dataset&id=drivers&version=1&direction=down&depthMax=10",
  );
  checks.that(
    "a dataset version leads forward to the endpoint",
    forward.edges.some(({ to }: { to: Thing }) => to.type === "endpoint" && to.id === "rides"),
    forward.edges,
  );
  const unknown = await ask(server, `GET /api/atrium/v1/endpoints/by-onnx/predictions/${id}/origin`);
  checks.that("another endpoint's prediction is a 404", unknown.status === 404, unknown.body);
}
