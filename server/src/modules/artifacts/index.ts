export type {
  ArtifactPath,
  Artifacts,
  ArtifactUploads,
  NewFile,
  OpenFile,
  OwnerOf,
  PartGiven,
} from "./door.ts";
