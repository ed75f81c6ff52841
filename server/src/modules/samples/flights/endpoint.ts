import type { ColdStart, Deployment, ServingEngine } from "@atrium/contract/serving";
import { AppError } from "#lib/errors";
import type { Serving } from "#modules/serving";
import { done, notYet, type Outcome, type Round, type Step } from "../step.ts";
import { AIRPORT_VIEW, DATASET, ENDPOINT, MODEL, SERVICE } from "./names.ts";

const SHARES: readonly { engine: ServingEngine; weight: number }[] = [
  { engine: "onnx", weight: 100 },
  { engine: "pyfunc", weight: 10 }, // Leaves the other 90.
];

/** An airport that was never seen: defaults if the route is known, else its destination, else what is usual. */
const COLD_START: ColdStart = {
  knownBy: [AIRPORT_VIEW],
  chain: [
    { kind: "defaults", values: {}, shareMax: 0.5 },
    {
      kind: "segment",
      dataset: DATASET,
      by: ["destination"],
      column: "late",
      statistic: "mean",
      countMin: 100,
      priorCount: 200,
    },
    { kind: "popularity", dataset: DATASET, column: "late", limit: 1 },
    { kind: "constant", value: 0.2 },
  ],
};

/** The endpoint, asked by airport, route and time, with the champion in both engines: 90 to 10. */
export function endpointStep(serving: Serving): Step {
  return { name: "endpoint", title: "The champion deployed twice behind one endpoint", round };

  async function round({ actor, projectId }: Round): Promise<Outcome> {
    const at = { projectId, endpoint: ENDPOINT };
    const all = await serving.endpoints.list(actor, projectId, { pageSize: 200 });
    const endpoint =
      all.items.find(({ name }) => name === ENDPOINT) ??
      (await serving.endpoints.create(actor, projectId, {
        name: ENDPOINT,
        description: "How likely a flight comes more than 15 minutes late, by where it starts, where it goes and when.",
        input: {
          kind: "entities",
          featureService: SERVICE,
          requestValues: ["distance", "hour", "weekday"].map((name) => ({ name, type: "number" as const })),
          coldStart: COLD_START,
        },
      }));
    for (const { engine, weight } of SHARES) {
      const standing =
        endpoint.deployments.find((one) => one.engine === engine && one.state !== "retired") ??
        (await serving.endpoints.deploy(actor, at, {
          ...{ model: `models:/${MODEL}@champion`, engine, weight },
          settings: { copies: 1, threads: 1, queueMax: 256, timeoutMs: 30_000, batchRowsMax: 256 },
        }));
      assertWell(standing);
      if (standing.state !== "ready") return notYet(`starting ${engine}: ${standing.reason}`);
    }
    const shares = endpoint.deployments.map(({ engine, weight }) => `${engine} ${weight} %`);
    return done(shares.join(", "));
  }
}

function assertWell({ state, engine, reason }: Deployment): void {
  if (state === "failed") throw new AppError("conflict", `The deployment of ${engine} failed: ${reason}`);
}
