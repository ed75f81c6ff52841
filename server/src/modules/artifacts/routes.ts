import type { Readable } from "node:stream";
import { artifactsApi } from "@atrium/contract/artifacts";
import { AppError } from "#lib/errors";
import type { HttpReply, HttpRequest, Serve } from "#lib/http";
import type { Actor } from "#modules/identity";
import type { ByteRange } from "#ports/blobs";
import type { Artifacts } from "./door.ts";
import { nameOf } from "./path.ts";
import { parseRange } from "./range.ts";

/** Our own API over files. Content comes from users: it is always a download, in a sandbox, never guessed at. */
export function artifactsRoutes(serve: Serve<Actor>, artifacts: Artifacts): void {
  serve(artifactsApi.list, ({ actor, projectId, query }) =>
    artifacts.list(actor, { projectId, path: query.path }, query),
  );
  serve(artifactsApi.download, ({ actor, projectId, query, request, reply }) =>
    sendFile({ artifacts, actor, at: { projectId, path: query.path }, request, reply }),
  );
  serve(artifactsApi.upload, ({ actor, projectId, query, request }) =>
    artifacts.put(actor, { projectId, path: query.path }, streamOf(request), {
      mediaType: request.headers["content-type"],
      expectedDigest: query.digest,
      sizeBytes: announcedSize(request),
    }),
  );
  serve(artifactsApi.remove, async ({ actor, projectId, query }) => ({
    removed: await artifacts.remove(actor, { projectId, path: query.path }),
  }));
  serve(artifactsApi.preview, ({ actor, projectId, query }) =>
    artifacts.preview(actor, { projectId, path: query.path }),
  );
  serve(artifactsApi.usage, ({ actor, projectId }) => artifacts.usage(actor, projectId));
  serve(artifactsApi.scrub, ({ actor, projectId }) => artifacts.scrub(actor, projectId));

  serve(artifactsApi.createUpload, ({ actor, projectId, body }) =>
    artifacts.uploads.create(actor, { projectId, path: body.path }, { mediaType: body.mediaType }),
  );
  serve(artifactsApi.getUpload, ({ actor, projectId, params }) =>
    artifacts.uploads.get(actor, projectId, params.upload),
  );
  serve(artifactsApi.uploadPart, ({ actor, projectId, params, query, request }) => {
    const part = { projectId, uploadId: params.upload, number: params.number, expectedDigest: query.digest };
    return artifacts.uploads.putPart(actor, part, streamOf(request));
  });
  serve(artifactsApi.completeUpload, ({ actor, projectId, params, body }) =>
    artifacts.uploads.complete(actor, projectId, params.upload, { expectedDigest: body.digest }),
  );
  serve(artifactsApi.abortUpload, async ({ actor, projectId, params }) => {
    await artifacts.uploads.abort(actor, projectId, params.upload);
    return {};
  });
}

export interface Download {
  artifacts: Artifacts;
  actor: Actor;
  at: { projectId: string; path: string };
  request: HttpRequest;
  reply: HttpReply;
}

/** Sends a file as a download, or a part of it; honours `If-None-Match`, `If-Range` and `Range`. */
export async function sendFile({ artifacts, actor, at, request, reply }: Download): Promise<HttpReply> {
  const known = await artifacts.stat(actor, at);
  const open = async (range: ByteRange | undefined) => {
    const { file, bytes } = await artifacts.get(actor, at, range);
    return { file: { ...file, name: nameOf(file.path) }, bytes };
  };
  return sendOpened({ known, open, request, reply });
}

export interface OpenedDownload {
  known: { digest: string; sizeBytes: number };
  /** What is really sent: it may have been replaced since it was known. */
  open(range: ByteRange | undefined): Promise<{
    file: { name: string; sizeBytes: number; mediaType: string };
    bytes: Readable;
  }>;
  request: HttpRequest;
  reply: HttpReply;
}

/** The same for bytes that another module opens. */
export async function sendOpened({ known, open, request, reply }: OpenedDownload): Promise<HttpReply> {
  const etag = `"${known.digest}"`;
  reply.headers({ etag, "accept-ranges": "bytes", "cache-control": "private, no-cache" });
  if (request.headers["if-none-match"] === etag) return reply.code(304).send();
  const fresh = [undefined, etag].includes(request.headers["if-range"] as string | undefined);
  const range = fresh ? parseRange(request.headers.range, known.sizeBytes) : undefined;
  const { file, bytes } = await open(range);
  reply.headers({
    ...untrusted(file.name),
    "content-type": file.mediaType,
    "content-length": range === undefined ? file.sizeBytes : range.end - range.start + 1,
  });
  if (range !== undefined) {
    reply.code(206).header("content-range", `bytes ${range.start}-${range.end}/${file.sizeBytes}`);
  }
  return reply.send(bytes);
}

/** Headers under which a browser saves content, and runs nothing in it should it be shown all the same. */
export function untrusted(name: string): Record<string, string> {
  const plain = name.replaceAll(/[^\w.() -]/g, "_");
  return {
    "content-disposition": `attachment; filename="${plain}"; filename*=UTF-8''${encodeName(name)}`,
    "x-content-type-options": "nosniff",
    "content-security-policy": "sandbox; default-src 'none'",
  };
}

function encodeName(name: string): string {
  return encodeURIComponent(name).replaceAll(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16)}`);
}

/** The body as the stream it is; the scope's content-type parser passes it on unread. */
export function streamOf(request: HttpRequest): Readable {
  // Without a body there is nothing to parse; the raw request is then the empty stream.
  return (request.body as Readable | undefined) ?? request.raw;
}

/** @throws AppError `invalid` */
export function announcedSize(request: HttpRequest): number | undefined {
  const announced = request.headers["content-length"];
  if (announced === undefined) return undefined;
  const sizeBytes = Number(announced);
  if (!Number.isSafeInteger(sizeBytes))
    throw new AppError("invalid", "The announced length is no whole number.");
  return sizeBytes;
}
