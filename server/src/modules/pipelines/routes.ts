import { pipelinesApi } from "@atrium/contract/pipelines";
import type { Serve } from "#lib/http";
import type { Actor } from "#modules/identity";
import type { Pipelines, RunCondition } from "./door.ts";

/** Our own API of pipelines and their runs. */
export function pipelinesRoutes(serve: Serve<Actor>, { definitions, runs }: Pipelines): void {
  serve(pipelinesApi.listPipelines, ({ actor, projectId, query }) =>
    definitions.search(actor, projectId, query),
  );
  serve(pipelinesApi.createPipeline, async ({ actor, projectId, body }) => {
    const { name, version, spec, codeSource, description } = body;
    const given = { name: version, spec, codeSource, description };
    const called = name ?? (await definitions.nameIn(actor, projectId, spec));
    const standing = await standingPipeline(actor, projectId, called);
    if (standing === undefined)
      return definitions.upload(actor, projectId, { pipeline: { name, description }, version: given });
    const added = await definitions.addVersion(actor, projectId, standing.id, given);
    return { pipeline: await definitions.get(actor, projectId, standing.id), version: added };
  });
  serve(pipelinesApi.getPipeline, ({ actor, projectId, params }) =>
    definitions.get(actor, projectId, params.pipeline),
  );
  serve(pipelinesApi.deletePipeline, async ({ actor, projectId, params }) => {
    await definitions.delete(actor, projectId, params.pipeline);
    return {};
  });
  serve(pipelinesApi.listVersions, ({ actor, projectId, params, query }) =>
    definitions.versions(actor, projectId, { pipelineId: params.pipeline, ...query }),
  );
  serve(pipelinesApi.getVersion, ({ actor, projectId, params }) =>
    definitions.version(actor, projectId, { pipelineId: params.pipeline, versionId: params.version }),
  );
  serve(pipelinesApi.deleteVersion, async ({ actor, projectId, params }) => {
    await definitions.deleteVersion(actor, projectId, {
      pipelineId: params.pipeline,
      versionId: params.version,
    });
    return {};
  });

  serve(pipelinesApi.listRuns, ({ actor, projectId, query }) => {
    const { pageSize, pageToken, pipelineId, experimentId, state, archived } = query;
    const wanted = { pipelineId, experimentId, state, archived: archived === "true" };
    const conditions = Object.entries(wanted).flatMap(([field, value]) =>
      value === undefined ? [] : [{ field, operation: "=", value } as RunCondition],
    );
    return runs.search(actor, projectId, { pageSize, pageToken, conditions });
  });
  serve(pipelinesApi.startRun, ({ actor, projectId, body }) => runs.start(actor, projectId, body));
  serve(pipelinesApi.getRun, async ({ actor, projectId, params }) => ({
    run: await runs.get(actor, projectId, params.run),
    steps: await runs.steps(actor, projectId, params.run),
  }));
  serve(pipelinesApi.listRunEvents, ({ actor, projectId, params, query }) =>
    runs.events(actor, projectId, params.run, query),
  );
  serve(pipelinesApi.cancelRun, ({ actor, projectId, params }) => runs.cancel(actor, projectId, params.run));
  serve(pipelinesApi.retryRun, ({ actor, projectId, params }) => runs.retry(actor, projectId, params.run));
  serve(pipelinesApi.archiveRun, ({ actor, projectId, params, body }) =>
    runs.setArchived(actor, projectId, { id: params.run, archived: body.archived }),
  );
  serve(pipelinesApi.deleteRun, async ({ actor, projectId, params }) => {
    await runs.delete(actor, projectId, params.run);
    return {};
  });

  async function standingPipeline(actor: Actor, projectId: string, name: string) {
    const { items } = await definitions.search(actor, projectId, { name, pageSize: 1 });
    return items[0];
  }
}
