import type { Readable } from "node:stream";
import { samplesApi } from "@atrium/contract/samples";
import type { Serve } from "#lib/http";
import type { Actor } from "#modules/identity";
import type { Samples } from "./door.ts";

export function samplesRoutes(serve: Serve<Actor>, samples: Samples): void {
  serve(samplesApi.progress, ({ actor, projectId }) => samples.progress(actor, projectId));
  serve(samplesApi.start, ({ actor, projectId }) => samples.start(actor, projectId));
  serve(samplesApi.takeAlert, async ({ request }) => {
    await samples.takeAlert(request.headers, request.body as Readable);
    return {};
  });
  serve(samplesApi.retry, ({ actor, projectId }) => samples.retry(actor, projectId));
}
