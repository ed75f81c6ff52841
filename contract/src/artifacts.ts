import { z } from "zod";
import { endpoint } from "./http.ts";

/** A path inside a project: segments joined by `/`, no leading one; the server refuses tricks with `invalid`. */
const path = z.string().max(4096);
const filePath = path.min(1);
const digest = z.string().regex(/^[0-9a-f]{64}$/, "Use lower-case hexadecimal SHA-256.");

export const artifactFile = z.object({
  path: z.string(),
  /** Lower-case hexadecimal SHA-256 of the content; also its ETag. */
  digest: z.string(),
  sizeBytes: z.number().int(),
  mediaType: z.string(),
  createdMs: z.number().int(),
});
export type ArtifactFile = z.output<typeof artifactFile>;

/** One line of a folder: a file, or a folder that something lies below. `name` is the last segment. */
export const artifactEntry = z.discriminatedUnion("kind", [
  artifactFile.extend({ kind: z.literal("file"), name: z.string() }),
  z.object({ kind: z.literal("folder"), name: z.string(), path: z.string() }),
]);
export type ArtifactEntry = z.output<typeof artifactEntry>;

export const artifactPart = z.object({
  number: z.number().int(),
  digest: z.string(),
  sizeBytes: z.number().int(),
});
export type ArtifactPart = z.output<typeof artifactPart>;

/** An upload in parts, under way; it ends by complete, abort, or its own expiry. */
export const artifactUpload = z.object({
  id: z.string(),
  path: z.string(),
  mediaType: z.string(),
  createdMs: z.number().int(),
  expiresMs: z.number().int(),
  parts: z.array(artifactPart),
});
export type ArtifactUpload = z.output<typeof artifactUpload>;

/** The head of a file, ready to show. `truncated` when the file goes on. */
export const artifactPreview = z.object({
  kind: z.enum(["text", "json", "csv", "image", "none"]),
  file: artifactFile,
  truncated: z.boolean(),
  /** For `text` and `json`. */
  text: z.string().optional(),
  /** For `csv`: the first rows, the header being the first of them. */
  rows: z.array(z.array(z.string())).optional(),
  /** For `image`: a `data:` address. SVG and HTML are never shown as images. */
  dataUrl: z.string().optional(),
});
export type ArtifactPreview = z.output<typeof artifactPreview>;

export const artifactUsage = z.object({
  files: z.number().int(),
  /** Sum of all files' sizes, as their owners see them. */
  fileBytes: z.number().int(),
  /** What is kept: equal content counts once. The quota counts these. */
  storedBytes: z.number().int(),
  largest: z.array(artifactFile),
});
export type ArtifactUsage = z.output<typeof artifactUsage>;

export const artifactScrub = z.object({
  contents: z.number().int(),
  /** How many were read through and found whole at least once. */
  verified: z.number().int(),
  oldestVerifiedMs: z.number().int().optional(),
  damaged: z.array(
    z.object({ digest: z.string(), sizeBytes: z.number().int(), damagedMs: z.number().int() }),
  ),
});
export type ArtifactScrub = z.output<typeof artifactScrub>;

const byUpload = z.object({ upload: z.string().max(100) });

export const artifactsApi = {
  list: endpoint({
    method: "GET",
    path: "/artifacts",
    permission: "artifact:read",
    scope: "project",
    summary: "One folder, one level deep, by path.",
    query: z.object({
      path: path.default(""),
      pageSize: z.coerce.number().int().min(1).max(1000).default(200),
      pageToken: z.string().max(8000).optional(),
    }),
    answer: z.object({ items: z.array(artifactEntry), nextToken: z.string().optional() }),
  }),
  download: endpoint({
    method: "GET",
    path: "/artifacts/content",
    permission: "artifact:read",
    scope: "project",
    summary: "A file's bytes, always as a download; answers Range and If-None-Match.",
    query: z.object({ path: filePath }),
    answer: z.string(),
  }),
  upload: endpoint({
    method: "PUT",
    path: "/artifacts/content",
    permission: "artifact:write",
    scope: "project",
    summary:
      "Stores the request's body as a file and replaces what was there; `digest` refuses other content.",
    query: z.object({ path: filePath, digest: digest.optional() }),
    bodyKind: "bytes",
    answer: artifactFile,
  }),
  remove: endpoint({
    method: "DELETE",
    path: "/artifacts",
    permission: "artifact:delete",
    scope: "project",
    summary: "Deletes a file, or a folder with all below it.",
    query: z.object({ path: filePath }),
    answer: z.object({ removed: z.number().int() }),
  }),
  preview: endpoint({
    method: "GET",
    path: "/artifacts/preview",
    permission: "artifact:read",
    scope: "project",
    summary: "The head of a file as text, JSON, table or image.",
    query: z.object({ path: filePath }),
    answer: artifactPreview,
  }),
  usage: endpoint({
    method: "GET",
    path: "/artifacts/usage",
    permission: "artifact:read",
    scope: "project",
    summary: "How much the project keeps, and its largest files.",
    answer: artifactUsage,
  }),
  scrub: endpoint({
    method: "GET",
    path: "/artifacts/scrub",
    permission: "artifact:read",
    scope: "project",
    summary: "How far the integrity check has come and what it found damaged.",
    answer: artifactScrub,
  }),
  createUpload: endpoint({
    method: "POST",
    path: "/artifacts/uploads",
    permission: "artifact:write",
    scope: "project",
    summary: "Begins an upload in parts, which survives lost connections and restarts.",
    body: z.strictObject({ path: filePath, mediaType: z.string().max(200).optional() }),
    answer: artifactUpload,
    status: 201,
  }),
  getUpload: endpoint({
    method: "GET",
    path: "/artifacts/uploads/:upload",
    permission: "artifact:write",
    scope: "project",
    summary: "An upload under way, with the parts that have arrived.",
    params: byUpload,
    answer: artifactUpload,
  }),
  uploadPart: endpoint({
    method: "PUT",
    path: "/artifacts/uploads/:upload/parts/:number",
    permission: "artifact:write",
    scope: "project",
    summary: "Stores one part, in any order; sending it again replaces it.",
    params: byUpload.extend({ number: z.coerce.number().int().min(1).max(10_000) }),
    query: z.object({ digest: digest.optional() }),
    bodyKind: "bytes",
    answer: artifactPart,
  }),
  completeUpload: endpoint({
    method: "POST",
    path: "/artifacts/uploads/:upload/complete",
    permission: "artifact:write",
    scope: "project",
    summary: "Joins parts 1 to the last into the file; a gap is refused, and `digest` refuses other content.",
    params: byUpload,
    body: z.strictObject({ digest: digest.optional() }),
    answer: artifactFile,
  }),
  abortUpload: endpoint({
    method: "DELETE",
    path: "/artifacts/uploads/:upload",
    permission: "artifact:write",
    scope: "project",
    summary: "Gives an upload up.",
    params: byUpload,
    answer: z.object({}),
  }),
};
