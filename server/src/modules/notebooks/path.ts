import { notebookPath } from "@atrium/contract/notebooks";
import { AppError } from "#lib/errors";
import type { FileRow } from "./tables.ts";

/** @throws AppError `invalid` saying what a path looks like */
export function checkPath(path: string): string {
  const parsed = notebookPath.safeParse(path);
  if (parsed.success) return parsed.data;
  throw new AppError("invalid", `'${path.slice(0, 200)}': ${parsed.error.issues[0]?.message ?? "no path."}`, {
    at: "path",
  });
}

export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** The folders above a path, the outermost first. */
export function foldersAbove(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, i) => parts.slice(0, i + 1).join("/"));
}

export function kindOf(path: string): FileRow["kind"] {
  return path.endsWith(".ipynb") ? "notebook" : "file";
}
