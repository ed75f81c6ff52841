import { computeApi } from "@atrium/contract/compute";
import type { Serve } from "#lib/http";
import { newId } from "#lib/ids";
import type { Actor } from "#modules/identity";
import type { Compute, NewJob } from "./door.ts";

/** Our own API of jobs, environments and the machine they run on. */
export function computeRoutes(serve: Serve<Actor>, { jobs, environments }: Compute): void {
  serve(computeApi.listJobs, ({ actor, projectId, query }) => jobs.list(actor, projectId, query));
  serve(computeApi.submitJob, async ({ actor, projectId, body }) => {
    const { requirements, id = newId(), ...rest } = body;
    const job: NewJob = {
      ...rest,
      id,
      projectId,
      ...(requirements === undefined ? {} : { environment: { requirements } }),
    };
    await jobs.submitAlone(actor, job);
    return jobs.details(actor, projectId, id);
  });
  serve(computeApi.getJob, ({ actor, projectId, params }) => jobs.details(actor, projectId, params.job));
  serve(computeApi.cancelJob, async ({ actor, projectId, params }) => {
    await jobs.cancel(actor, projectId, params.job);
    return jobs.details(actor, projectId, params.job);
  });
  serve(computeApi.readJobLog, ({ actor, projectId, params, query }) =>
    jobs.log(actor, projectId, { jobId: params.job, ...query }),
  );
  serve(computeApi.listEnvironments, ({ actor, projectId, query }) =>
    environments.list(actor, projectId, query),
  );
  serve(computeApi.getTarget, ({ actor, projectId }) => jobs.target(actor, projectId));
}
