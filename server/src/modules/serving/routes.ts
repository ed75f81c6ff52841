import { servingApi } from "@atrium/contract/serving";
import type { Serve } from "#lib/http";
import type { Actor } from "#modules/identity";
import type { Serving } from "./door.ts";

/** Our own API of endpoints. */
export function servingRoutes(serve: Serve<Actor>, serving: Serving): void {
  const { endpoints, predictions } = serving;
  const at = (projectId: string, { endpoint }: { endpoint: string }) => ({ projectId, endpoint });

  serve(servingApi.listEndpoints, ({ actor, projectId, query }) => endpoints.list(actor, projectId, query));
  serve(servingApi.createEndpoint, ({ actor, projectId, body }) => endpoints.create(actor, projectId, body));
  serve(servingApi.getEndpoint, ({ actor, projectId, params }) =>
    endpoints.get(actor, at(projectId, params)),
  );
  serve(servingApi.updateEndpoint, ({ actor, projectId, params, body }) =>
    endpoints.update(actor, at(projectId, params), body),
  );
  serve(servingApi.deleteEndpoint, async ({ actor, projectId, params }) => {
    await endpoints.delete(actor, at(projectId, params));
    return {};
  });

  serve(servingApi.deploy, ({ actor, projectId, params, body }) =>
    endpoints.deploy(actor, at(projectId, params), body),
  );
  serve(servingApi.retireDeployment, async ({ actor, projectId, params }) => {
    await endpoints.retire(actor, at(projectId, params), params.deployment);
    return {};
  });
  serve(servingApi.setTraffic, ({ actor, projectId, params, body }) =>
    endpoints.setTraffic(actor, at(projectId, params), body.routes),
  );
  serve(servingApi.rollBack, ({ actor, projectId, params, body }) =>
    endpoints.rollBack(actor, at(projectId, params), body.revision),
  );
  serve(servingApi.listRevisions, ({ actor, projectId, params, query }) =>
    endpoints.revisions(actor, at(projectId, params), query),
  );

  serve(servingApi.predict, ({ projectId, params, body }) =>
    serving.gateway.predict(at(projectId, params), body.instances, body),
  );
  serve(servingApi.sendFeedback, async ({ actor, projectId, params, body }) => ({
    accepted: await serving.feedback.send(actor, at(projectId, params), body.feedback),
  }));
  serve(servingApi.listPredictions, ({ actor, projectId, params, query }) =>
    predictions.list(actor, at(projectId, params), query),
  );
  serve(servingApi.getPrediction, ({ actor, projectId, params }) =>
    predictions.get(actor, at(projectId, params), params.prediction),
  );
  serve(servingApi.listStats, ({ actor, projectId, query }) => serving.allStats(actor, projectId, query));
  serve(servingApi.predictionOrigin, ({ actor, projectId, params }) =>
    predictions.origin(actor, at(projectId, params), params.prediction),
  );
  serve(servingApi.endpointStats, ({ actor, projectId, params, query }) =>
    serving.stats(actor, at(projectId, params), query),
  );
  serve(servingApi.canaryVerdict, ({ actor, projectId, params }) =>
    serving.canary(actor, at(projectId, params)),
  );
}
