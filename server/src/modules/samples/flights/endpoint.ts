import type { ColdStart, Deployment, ServingEndpoint, ServingEngine } from "@atrium/contract/serving";
import { AppError } from "#lib/errors";
import type { Serving } from "#modules/serving";
import { done, notYet, type Outcome, type Round, type Step } from "../step.ts";
import { DATASET, ENDPOINT, MODEL, SERVICE } from "./names.ts";

/** A deployment of the champion; each takes its share, in percent, from those before it. */
export interface Share {
  engine: ServingEngine;
  weight: number;
}

/**
 * A route that was never flown takes the declared defaults, as long as its airport is known. An airport that was never
 * seen is answered by where the flight goes; one that goes to nowhere known, by what is most usual.
 */
const COLD_START: ColdStart = {
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

/** A Friday evening in Chicago: known to the features, and late more often than not. */
export const EXAMPLE = { origin: "ORD", destination: "LGA", distance: 733, hour: 18, weekday: 5 };

/** The endpoint, asked by airport, route and time, with the champion in each of the engines. */
export function endpointStep({ serving, shares }: { serving: Serving; shares: readonly Share[] }): Step {
  return {
    name: "endpoint",
    title: "The champion in two engines behind one endpoint",
    leadsTo: { kind: "endpoint", name: ENDPOINT },
    round,
  };

  async function round({ actor, projectId, again }: Round): Promise<Outcome> {
    const at = { projectId, endpoint: ENDPOINT };
    const endpoint = await findOrCreate({ actor, projectId });
    for (const { engine, weight } of shares) {
      const standing =
        endpoint.deployments.find((one) => one.engine === engine && !(again && one.state === "failed")) ??
        (await serving.endpoints.deploy(actor, at, {
          ...{ model: `models:/${MODEL}@champion`, engine, weight },
          settings: { copies: 1, threads: 1, queueMax: 256, timeoutMs: 30_000, batchRowsMax: 256 },
        }));
      assertWell(standing);
      if (standing.state !== "ready") return notYet(`${engine}: ${standing.reason || "it starts"}`);
    }
    const waiting = endpoint.coldStartTables.filter(({ refreshedMs }) => refreshedMs === undefined);
    if (endpoint.coldStartTables.length === 0 || waiting.length > 0)
      return notYet("counting what answers for airports that were never seen");
    const parts = endpoint.deployments.map(({ engine, weight }) => `${engine} ${weight} %`);
    return done(`${endpoint.name} answers: ${parts.sort().join(", ")}`);
  }

  async function findOrCreate({ actor, projectId }: Pick<Round, "actor" | "projectId">) {
    const { items } = await serving.endpoints.list(actor, projectId, { pageSize: 200 });
    const standing = items.find(({ name }) => name === ENDPOINT);
    if (standing !== undefined) return standing;
    const created: ServingEndpoint = await serving.endpoints.create(actor, projectId, {
      name: ENDPOINT,
      example: { instances: [EXAMPLE] },
      description:
        "How likely a flight is to come more than 15 minutes late (0 to 1), by where it starts, where it goes and when.",
      input: {
        kind: "entities",
        featureService: SERVICE,
        requestValues: ["distance", "hour", "weekday"].map((name) => ({ name, type: "number" as const })),
        coldStart: COLD_START,
      },
    });
    return created;
  }
}

function assertWell({ state, engine, reason }: Deployment): void {
  if (state === "failed") throw new AppError("conflict", `The deployment of ${engine} failed: ${reason}`);
}
