export { createArtifacts } from "./artifacts.ts";
export type { ArtifactsDeps } from "./contents.ts";
export type {
  ArtifactPath,
  Artifacts,
  ArtifactUploads,
  NewFile,
  OpenFile,
  OwnerOf,
  PartGiven,
} from "./door.ts";
export { artifactsJobs } from "./jobs.ts";
export { parseRange } from "./range.ts";
export { announcedSize, artifactsRoutes, sendFile, streamOf, untrusted } from "./routes.ts";
