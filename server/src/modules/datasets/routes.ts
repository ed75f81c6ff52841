import { datasetsApi } from "@atrium/contract/datasets";
import type { HttpReply, HttpRequest, Serve } from "#lib/http";
import { announcedSize, sendOpened, streamOf } from "#modules/artifacts";
import type { Actor } from "#modules/identity";
import type { OfflineRows, OfflineValue } from "#ports/offline-engine";
import type { Datasets, NumberedVersionAt } from "./door.ts";

/** Our own API of datasets. */
export function datasetsRoutes(serve: Serve<Actor>, datasets: Datasets): void {
  serve(datasetsApi.list, ({ actor, projectId, query: { certified, ...query } }) =>
    datasets.list(actor, projectId, {
      ...query,
      ...(certified === undefined ? {} : { certified: certified === "true" }),
    }),
  );
  serve(datasetsApi.create, ({ actor, projectId, body }) => datasets.create(actor, projectId, body));
  serve(datasetsApi.get, ({ actor, projectId, params }) =>
    datasets.get(actor, { projectId, name: params.dataset }),
  );
  serve(datasetsApi.update, ({ actor, projectId, params, body }) =>
    datasets.update(actor, { projectId, name: params.dataset }, body),
  );
  serve(datasetsApi.remove, async ({ actor, projectId, params, query }) => {
    await datasets.remove(actor, { projectId, name: params.dataset }, deletion(query));
    return {};
  });
  versionRoutes(serve, datasets);
  lookingRoutes(serve, datasets);
}

function versionRoutes(serve: Serve<Actor>, { versions }: Datasets): void {
  serve(datasetsApi.listVersions, ({ actor, projectId, params, query }) =>
    versions.list(actor, { projectId, name: params.dataset }, query),
  );
  serve(datasetsApi.upload, ({ actor, projectId, params, query: { digest, ...query }, request }) =>
    versions.upload(actor, { projectId, name: params.dataset }, streamOf(request), {
      ...query,
      expectedDigest: digest,
      sizeBytes: announcedSize(request),
    }),
  );
  serve(datasetsApi.createVersion, ({ actor, projectId, params, body }) =>
    versions.create(actor, { projectId, name: params.dataset }, body),
  );
  serve(datasetsApi.getVersion, (call) => versions.get(call.actor, versionAt(call)));
  serve(datasetsApi.removeVersion, async (call) => {
    await versions.remove(call.actor, versionAt(call), deletion(call.query));
    return {};
  });
  serve(datasetsApi.checkResults, async (call) => ({
    items: await versions.checkResults(call.actor, versionAt(call)),
  }));
  serve(datasetsApi.runChecks, async (call) => ({
    items: await versions.runChecks(call.actor, versionAt(call)),
  }));
  serve(datasetsApi.certify, (call) => versions.certify(call.actor, versionAt(call), call.body.note));
  serve(datasetsApi.withdraw, (call) => versions.withdraw(call.actor, versionAt(call), call.query.note));
}

function lookingRoutes(serve: Serve<Actor>, { versions }: Datasets): void {
  serve(datasetsApi.profile, (call) => versions.profile(call.actor, versionAt(call)));
  serve(datasetsApi.rows, async (call) =>
    toWire(await versions.rows(call.actor, versionAt(call), call.query)),
  );
  serve(datasetsApi.query, async (call) =>
    toWire(await versions.query(call.actor, versionAt(call), call.body)),
  );
  serve(datasetsApi.compare, ({ actor, projectId, params, query }) =>
    versions.compare(actor, { projectId, name: params.dataset }, query),
  );
  serve(datasetsApi.download, (call) => download(versions, call));
}

interface VersionCall {
  projectId: string;
  params: { dataset: string; version: number };
}

function versionAt({ projectId, params }: VersionCall): NumberedVersionAt {
  return { projectId, name: params.dataset, version: params.version };
}

function deletion({ force }: { force: "true" | "false" }): "forced" | "unless-used" {
  return force === "true" ? "forced" : "unless-used";
}

type Json = string | number | boolean | null | Json[] | { [field: string]: Json };

/** The port's lists are read-only, the wire's are plain; nothing is copied. */
function toWire({ columns, rows }: OfflineRows): {
  columns: { name: string; type: string }[];
  rows: Json[][];
} {
  return { columns: [...columns], rows: rows as readonly (readonly OfflineValue[])[] as Json[][] };
}

interface DownloadCall extends VersionCall {
  actor: Actor;
  query: { file: number };
  request: HttpRequest;
  reply: HttpReply;
}

async function download(versions: Datasets["versions"], call: DownloadCall): Promise<HttpReply> {
  const found = await versions.file(call.actor, versionAt(call), call.query.file);
  const file = { ...found, mediaType: "application/octet-stream" };
  return sendOpened({
    known: found,
    open: async (range) => ({ file, bytes: await found.open(range) }),
    request: call.request,
    reply: call.reply,
  });
}
