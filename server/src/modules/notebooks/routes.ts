import { notebooksApi } from "@atrium/contract/notebooks";
import type { HttpReply, Serve } from "#lib/http";
import { announcedSize, streamOf, untrusted } from "#modules/artifacts";
import type { Actor } from "#modules/identity";
import type { Notebooks } from "./door.ts";

/** Our own API of notebooks. */
export function notebooksRoutes(serve: Serve<Actor>, { files, servers, runs }: Notebooks): void {
  fileRoutes(serve, files);
  const api = notebooksApi;
  serve(api.startServer, ({ actor, projectId, body }) => servers.start(actor, projectId, body));
  serve(api.getServer, ({ actor, projectId }) => servers.get(actor, projectId));
  serve(api.stopServer, ({ actor, projectId }) => servers.stop(actor, projectId));
  serve(api.listServers, ({ actor, projectId, query }) => servers.list(actor, { projectId, ...query }));
  serve(api.serverKey, ({ actor, projectId, params, reply }) => {
    reply.header("cache-control", "no-store");
    return servers.key(actor, projectId, params.server);
  });
  serve(api.startRun, ({ actor, projectId, body }) => runs.start(actor, projectId, body));
  serve(api.listRuns, ({ actor, projectId, query }) => runs.list(actor, { projectId, ...query }));
  serve(api.getRun, ({ actor, projectId, params }) => runs.get(actor, projectId, params.run));
  serve(api.readRunDocument, ({ actor, projectId, params }) => runs.document(actor, projectId, params.run));
  serve(api.readRunContent, async ({ actor, projectId, params, reply }) => {
    const { name, bytes } = await runs.open(actor, projectId, params.run);
    return asDownload(reply, name).send(bytes);
  });
  serve(api.saveRun, ({ actor, projectId, params, query, request }) =>
    runs.save(actor, { projectId, id: params.run, bytes: streamOf(request), ...query }),
  );
}

function fileRoutes(serve: Serve<Actor>, files: Notebooks["files"]): void {
  const api = notebooksApi;
  serve(api.listFiles, ({ actor, projectId, query }) => files.list(actor, { projectId, ...query }));
  serve(api.getFile, ({ actor, projectId, query }) => files.get(actor, { projectId, ...query }));
  serve(api.putFile, ({ actor, projectId, query, request }) =>
    files.putFile(actor, {
      projectId,
      ...query,
      bytes: streamOf(request),
      sizeBytes: announcedSize(request),
    }),
  );
  serve(api.readContent, async ({ actor, projectId, query, reply }) => {
    const { file, bytes } = await files.open(actor, { projectId, ...query });
    const name = file.path.split("/").at(-1) ?? file.path;
    return asDownload(reply, name).header("content-length", file.sizeBytes).send(bytes);
  });
  serve(api.readDocument, ({ actor, projectId, query }) => files.document(actor, { projectId, ...query }));
  serve(api.makeFolder, ({ actor, projectId, body }) => files.makeFolder(actor, { projectId, ...body }));
  serve(api.moveFile, ({ actor, projectId, body }) => files.move(actor, { projectId, ...body }));
  serve(api.removeFile, async ({ actor, projectId, query }) => ({
    removed: await files.remove(actor, { projectId, ...query }),
  }));
  serve(api.listVersions, ({ actor, projectId, query }) => files.versions(actor, { projectId, ...query }));
  serve(api.restoreVersion, ({ actor, projectId, body }) => files.restore(actor, { projectId, ...body }));
}

/** Saved by a browser, and never run in it: whoever wrote it is not who reads it. */
function asDownload(reply: HttpReply, name: string): HttpReply {
  const mediaType = name.endsWith(".ipynb") ? "application/x-ipynb+json" : "application/octet-stream";
  return reply.headers({
    ...untrusted(name),
    "content-type": mediaType,
    "cache-control": "private, no-cache",
  });
}
