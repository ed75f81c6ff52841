import type { ArtifactEntry } from "@atrium/contract/artifacts";
import type { WireFile } from "../wire/artifacts.ts";

/** One line of a folder. @param folder what they asked for, in front of the name; empty when they want names only */
export function toWireFile(entry: ArtifactEntry, folder: string): WireFile {
  const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
  if (entry.kind === "folder") return { path, is_dir: true };
  return { path, is_dir: false, file_size: entry.sizeBytes };
}
