import { featureStoreApi } from "@atrium/contract/feature-store";
import type { Serve } from "#lib/http";
import type { Actor } from "#modules/identity";
import type { FeatureColumn, FeatureStore } from "./door.ts";

/** Our own API of features. */
export function featureStoreRoutes(serve: Serve<Actor>, features: FeatureStore): void {
  definitionRoutes(serve, features);
  const api = featureStoreApi;
  serve(api.readOnline, async ({ actor, projectId, params: { name }, body: { keys } }) =>
    answer(await features.readService(actor, { projectId, name }, keys)),
  );
  serve(api.readView, async ({ actor, projectId, params: { name }, body: { keys } }) => {
    const view = await features.views.get(actor, { projectId, name });
    const refs = view.allFeatures.map((feature) => ({ view: name, feature: feature.name }));
    return answer(await features.readFeatures(actor, { projectId, features: refs, keys }));
  });
  serve(api.push, ({ actor, projectId, params: { name }, body: { rows, to } }) =>
    features.push(actor, { projectId, source: name, rows, to }),
  );
  serve(api.materialize, ({ actor, projectId, params: { name }, body }) =>
    features.materialize(actor, { projectId, name }, body),
  );
  serve(api.listMaterializations, ({ actor, projectId, params: { name }, query }) =>
    features.materializations(actor, { projectId, name }, query),
  );
  serve(api.getMaterialization, ({ actor, projectId, params: { id } }) =>
    features.materialization(actor, projectId, id),
  );
  serve(api.createTrainingSet, ({ actor, projectId, body }) =>
    features.createTrainingSet(actor, projectId, body),
  );
  serve(api.listTrainingSets, ({ actor, projectId, query }) =>
    features.trainingSets(actor, projectId, query),
  );
  serve(api.getTrainingSet, ({ actor, projectId, params }) =>
    features.trainingSet(actor, { projectId, ...params }),
  );
}

function definitionRoutes(serve: Serve<Actor>, { entities, views, services }: FeatureStore): void {
  const api = featureStoreApi;
  serve(api.listEntities, ({ actor, projectId, query }) => entities.list(actor, projectId, query));
  serve(api.saveEntity, ({ actor, projectId, body }) => entities.save(actor, projectId, body));
  serve(api.getEntity, ({ actor, projectId, params, query }) =>
    entities.get(actor, { projectId, ...params, ...query }),
  );
  serve(api.deleteEntity, async ({ actor, projectId, params }) => {
    await entities.delete(actor, { projectId, ...params });
    return {};
  });
  serve(api.listViews, ({ actor, projectId, query }) => views.list(actor, projectId, query));
  serve(api.saveView, ({ actor, projectId, body }) => views.save(actor, projectId, body));
  serve(api.getView, ({ actor, projectId, params, query }) =>
    views.get(actor, { projectId, ...params, ...query }),
  );
  serve(api.deleteView, async ({ actor, projectId, params }) => {
    await views.delete(actor, { projectId, ...params });
    return {};
  });
  serve(api.listServices, ({ actor, projectId, query }) => services.list(actor, projectId, query));
  serve(api.saveService, ({ actor, projectId, body }) => services.save(actor, projectId, body));
  serve(api.getService, ({ actor, projectId, params, query }) =>
    services.get(actor, { projectId, ...params, ...query }),
  );
  serve(api.deleteService, async ({ actor, projectId, params }) => {
    await services.delete(actor, { projectId, ...params });
    return {};
  });
}

type Shown = {
  columns: { name: string; view: string; values: never[]; statuses: never[]; eventMs: never[] }[];
};

/** The same lists; an answer's type only does not say that they are never changed. */
function answer(columns: readonly FeatureColumn[]): Shown {
  return { columns } as unknown as Shown;
}
