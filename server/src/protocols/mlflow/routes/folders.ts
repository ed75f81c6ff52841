import type { Readable } from "node:stream";
import type { Actor } from "#modules/identity";
import type { MlflowDeps } from "../deps.ts";
import { pagesAnswer, textPage } from "../pages.ts";
import { toWireFile } from "../translate/files.ts";

interface Listing {
  folder: { projectId: string; path: string };
  /** What stands in front of each name in the answer. */
  shownAs: string;
  /** More fields of the answer, as their names and values. */
  besides?: Record<string, string>;
}

/** A whole folder in one answer, as their clients expect; a file, or nothing at all, is an empty folder. */
export async function folderAnswer(
  artifacts: MlflowDeps["artifacts"],
  actor: Actor,
  { folder, shownAs, besides }: Listing,
): Promise<string | Readable> {
  return pagesAnswer({
    field: "files",
    wanted: Number.POSITIVE_INFINITY,
    besides,
    fetch: async (page) =>
      textPage(await artifacts.list(actor, folder, page), (entry) =>
        JSON.stringify(toWireFile(entry, shownAs)),
      ),
  });
}
