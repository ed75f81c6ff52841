import type { LoggedModelSummary, MetricValue, RunDetails, RunSummary } from "@atrium/contract/tracking";
import { trackingApi } from "@atrium/contract/tracking";
import type { Serve } from "#lib/http";
import type { Actor } from "#modules/identity";
import type { KeyValue, LoggedModel, Run, Tracking } from "./door.ts";
import { type ClientTags, parentOf } from "./run.ts";

/** Our own API of experiments, runs and metrics. */
export function trackingRoutes(serve: Serve<Actor>, tracking: Tracking, clientTags: ClientTags): void {
  experimentRoutes(serve, tracking);
  runRoutes(serve, tracking, clientTags);
  loggedModelRoutes(serve, tracking);
}

function experimentRoutes(serve: Serve<Actor>, { experiments }: Tracking): void {
  serve(trackingApi.listExperiments, ({ actor, projectId, query }) =>
    experiments.search(actor, projectId, query),
  );
  serve(trackingApi.createExperiment, ({ actor, projectId, body }) =>
    experiments.create(actor, projectId, { name: body.name, tags: pairsOf(body.tags) }),
  );
  serve(trackingApi.getExperiment, ({ actor, projectId, params }) =>
    experiments.get(actor, projectId, params.experiment),
  );
  serve(trackingApi.updateExperiment, ({ actor, projectId, params, body }) =>
    experiments.update(actor, projectId, params.experiment, { name: body.name, ...tagChanges(body.tags) }),
  );
  serve(trackingApi.deleteExperiment, async ({ actor, projectId, params }) => {
    await experiments.delete(actor, projectId, params.experiment);
    return {};
  });
  serve(trackingApi.restoreExperiment, async ({ actor, projectId, params }) => {
    await experiments.restore(actor, projectId, params.experiment);
    return experiments.get(actor, projectId, params.experiment);
  });
}

function runRoutes(serve: Serve<Actor>, tracking: Tracking, clientTags: ClientTags): void {
  const { experiments, runs, metrics } = tracking;

  async function shown(projectId: string, items: readonly Run[]): Promise<RunSummary[]> {
    const names = await experiments.names(
      projectId,
      items.map(({ experimentId }) => experimentId),
    );
    return items.map((run) => ({
      ...summaryOf(run, clientTags),
      experimentName: names.get(run.experimentId) ?? "",
    }));
  }

  async function shownOne(projectId: string, run: Run): Promise<RunDetails> {
    const names = await experiments.names(projectId, [run.experimentId]);
    return {
      ...summaryOf(run, clientTags),
      experimentName: names.get(run.experimentId) ?? "",
      datasets: run.datasets.map(({ dataset, tags }) => ({ ...dataset, tags: recordOf(tags) })),
      modelInputs: [...run.modelInputs],
      modelOutputs: run.modelOutputs.map(({ modelId }) => modelId),
    };
  }

  serve(trackingApi.searchRuns, async ({ actor, projectId, query }) => {
    const page = await runs.search(actor, projectId, query);
    const items = await shown(projectId, page.items);
    return page.nextToken === undefined ? { items } : { items, nextToken: page.nextToken };
  });
  serve(trackingApi.countRuns, ({ actor, projectId }) => runs.counts(actor, projectId));
  serve(trackingApi.getRun, async ({ actor, projectId, params }) =>
    shownOne(projectId, await runs.get(actor, projectId, params.run)),
  );
  serve(trackingApi.updateRun, async ({ actor, projectId, params, body }) => {
    const { name, status } = body;
    const changes = { name, status, ...tagChanges(body.tags) };
    return shownOne(projectId, await runs.update(actor, projectId, params.run, changes));
  });
  serve(trackingApi.deleteRun, async ({ actor, projectId, params }) => {
    await runs.delete(actor, projectId, params.run);
    return {};
  });
  serve(trackingApi.restoreRun, async ({ actor, projectId, params }) => {
    await runs.restore(actor, projectId, params.run);
    return shownOne(projectId, await runs.get(actor, projectId, params.run));
  });
  serve(trackingApi.metricBuckets, async ({ actor, projectId, query }) => {
    const { metric, ...asked } = query;
    return { items: await metrics.buckets(actor, projectId, { ...asked, key: metric }) };
  });
}

function loggedModelRoutes(serve: Serve<Actor>, { loggedModels }: Tracking): void {
  serve(trackingApi.searchLoggedModels, async ({ actor, projectId, query }) => {
    const { runId, ...asked } = query;
    const found = await loggedModels.search(actor, projectId, { ...asked, sourceRunId: runId });
    const items = found.items.map(modelSummaryOf);
    return found.nextToken === undefined ? { items } : { items, nextToken: found.nextToken };
  });
  serve(trackingApi.getLoggedModel, async ({ actor, projectId, params }) =>
    modelSummaryOf(await loggedModels.get(actor, projectId, params.model)),
  );
}

/** Of a metric with points on several datasets the newest is shown. */
function modelSummaryOf(model: LoggedModel): LoggedModelSummary {
  const byAge = model.metrics.toSorted((a, b) => a.timestampMs - b.timestampMs || a.step - b.step);
  return {
    id: model.id,
    experimentId: model.experimentId,
    name: model.name,
    modelType: model.modelType,
    status: model.status,
    ...(model.sourceRunId === undefined ? {} : { sourceRunId: model.sourceRunId }),
    createdMs: model.createdMs,
    updatedMs: model.updatedMs,
    params: recordOf(model.params),
    metrics: Object.fromEntries(byAge.map(({ key, value }) => [key, shownValue(value)])),
    tags: recordOf(model.tags),
    artifactPath: model.artifactPath,
  };
}

function summaryOf(run: Run, clientTags: ClientTags): Omit<RunSummary, "experimentName"> {
  const parentId = parentOf(run, clientTags);
  return {
    id: run.id,
    name: run.name,
    experimentId: run.experimentId,
    status: run.status,
    lifecycle: run.lifecycle,
    startedMs: run.startedMs,
    ...(run.endedMs === undefined ? {} : { endedMs: run.endedMs }),
    owner: run.owner,
    ...(parentId === undefined ? {} : { parentId }),
    params: recordOf(run.params),
    metrics: Object.fromEntries(run.metrics.map(({ key, value }) => [key, shownValue(value)])),
    tags: recordOf(run.tags),
    artifactPath: run.artifactPath,
  };
}

/** The greatest number stands for infinity where values are kept; people are shown what was meant. */
function shownValue(value: number): MetricValue {
  if (Number.isNaN(value)) return "NaN";
  if (Math.abs(value) < Number.MAX_VALUE) return value;
  return value > 0 ? "Infinity" : "-Infinity";
}

function recordOf(values: readonly KeyValue[]): Record<string, string> {
  return Object.fromEntries(values.map(({ key, value }) => [key, value]));
}

function pairsOf(values: Readonly<Record<string, string>>): KeyValue[] {
  return Object.entries(values).map(([key, value]) => ({ key, value }));
}

/** In a change, null removes a tag. */
function tagChanges(tags: Readonly<Record<string, string | null>> | undefined): {
  tags?: KeyValue[];
  removeTags?: string[];
} {
  if (tags === undefined) return {};
  const entries = Object.entries(tags);
  return {
    tags: entries.flatMap(([key, value]) => (value === null ? [] : { key, value })),
    removeTags: entries.filter(([, value]) => value === null).map(([key]) => key),
  };
}
