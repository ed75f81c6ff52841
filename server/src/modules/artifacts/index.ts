export { createArtifacts } from "./artifacts.ts";
export type { ArtifactsDeps } from "./contents.ts";
export type {
  Artifacts,
  OwnerOf,
} from "./door.ts";
export { artifactsJobs } from "./jobs.ts";
export { announcedSize, artifactsRoutes, sendFile, sendOpened, streamOf, untrusted } from "./routes.ts";
