import { posix } from "node:path";
import { readImportTable } from "./import-table.ts";
import { type Import, readSource, type Source } from "./source.ts";

/** The repository as the rules see it. */
export interface Project {
  files: ReadonlyMap<string, string>;
  sources: ReadonlyMap<string, Source>;
  table: ReadonlyMap<string, ReadonlySet<string>>;
}

export interface Violation {
  path: string;
  line: number;
  message: string;
}

export type Rule = (project: Project) => Violation[];

const IS_SOURCE = /\.tsx?$/;
const IS_GENERATED = /_pb\.ts$|\/fixtures\//;

/** Reads a whole tree, given as path → text. */
export function readProject(files: ReadonlyMap<string, string>): Project {
  const sources = new Map<string, Source>();
  for (const [path, text] of files) {
    if (IS_SOURCE.test(path) && !IS_GENERATED.test(path)) sources.set(path, readSource(path, text));
  }
  return { files, sources, table: readImportTable(files.get("ARCHITECTURE.md") ?? "") };
}

/** Tests build what they test, and may look inside; so does what only they use. */
export function isTest(path: string): boolean {
  const name = /\.(test|contract|e2e)\.tsx?$|\/testing\.ts$/;
  return name.test(path) || path.startsWith("server/src/testing/");
}

/** The file of this repository that an import names, or undefined for a package. */
export function targetOf(importer: string, { from }: Import): string | undefined {
  if (from.startsWith(".")) return posix.normalize(posix.join(posix.dirname(importer), from));
  const [alias = "", ...rest] = from.split("/");
  const name = rest.join("/");
  if (alias === "#modules") return `server/src/modules/${name}/index.ts`;
  if (alias === "#ports") return `server/src/ports/${name}/${name}.ts`;
  if (alias === "#lib") return `server/src/lib/${name}.ts`;
  if (alias === "#cli") return `cli/src/${name}.ts`;
  if (from.startsWith("@atrium/contract/"))
    return `contract/src/${from.slice("@atrium/contract/".length)}.ts`;
  return undefined;
}

/** Where in the server a file stands: `modules/tracking` is layer `modules`, unit `tracking`. */
export function placeOf(path: string): { layer: string; unit: string } | undefined {
  const [root, src, layer = "", unit = ""] = path.split("/");
  if (root !== "server" || src !== "src") return undefined;
  return IS_SOURCE.test(layer) ? { layer: "root", unit: layer } : { layer, unit };
}
