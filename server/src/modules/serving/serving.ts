import type { ServingDeps } from "./deps.ts";
import type { Serving } from "./door.ts";
import { createEndpointLog } from "./endpoint-log.ts";
import { createEndpointNumbers } from "./endpoint-numbers.ts";
import { createEndpoints } from "./endpoints.ts";
import { createFeedback } from "./feedback.ts";
import { createGateway } from "./gateway.ts";
import { createOrigin } from "./origin.ts";
import { createPredictionLog } from "./prediction-log.ts";
import { createPredictions } from "./predictions.ts";
import { createReleases } from "./releases.ts";
import { createStats } from "./stats.ts";
import { createSupervisor } from "./supervisor.ts";

/** Models as endpoints: what they route to, the engines behind them, and the log of what was predicted. */
export function createServing(deps: ServingDeps): Serving {
  const endpointLog = createEndpointLog(deps);
  const supervisor = createSupervisor(deps, endpointLog);
  const numbers = createEndpointNumbers(deps, supervisor.deployments);
  const predictionLog = createPredictionLog(deps, { endpointLog, numbers });
  const { show, ...endpoints } = createEndpoints(deps, supervisor);
  const predictions = createPredictions(deps, predictionLog);
  return {
    endpoints: { ...endpoints, ...createReleases(deps, { supervisor, show }) },
    gateway: createGateway(deps, { supervisor, predictionLog, numbers, endpointLog }),
    feedback: createFeedback(deps),
    predictions: { ...predictions, origin: createOrigin(deps, predictions) },
    ...createStats(deps, predictionLog),
    settle: async () => {
      // What has to wait lies in its journal, written down as well.
      await predictionLog.settle();
    },
    start: async () => {
      await predictionLog.start();
      await supervisor.start();
      numbers.start();
    },
    stop: async () => {
      await numbers.stop();
      await supervisor.stop();
      await predictionLog.stop();
    },
  };
}
