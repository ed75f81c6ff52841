const BY_EXTENSION: Record<string, string> = {
  bin: "application/octet-stream",
  csv: "text/csv",
  gif: "image/gif",
  gz: "application/gzip",
  html: "text/html",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  js: "text/javascript",
  json: "application/json",
  log: "text/plain",
  md: "text/markdown",
  mlmodel: "text/yaml",
  parquet: "application/vnd.apache.parquet",
  pdf: "application/pdf",
  png: "image/png",
  py: "text/x-python",
  svg: "image/svg+xml",
  tsv: "text/tab-separated-values",
  txt: "text/plain",
  webp: "image/webp",
  yaml: "text/yaml",
  yml: "text/yaml",
  zip: "application/zip",
};
const WELL_FORMED = /^[\w.+-]{1,100}\/[\w.+-]{1,100}$/;
const UNKNOWN = "application/octet-stream";

/** What was announced, if that says anything; else by the name's ending. Parameters such as charset are dropped. */
export function mediaTypeOf(path: string, announced: string | undefined): string {
  const given = announced?.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  if (WELL_FORMED.test(given) && given !== UNKNOWN) return given;
  const name = path.slice(path.lastIndexOf("/") + 1).toLowerCase();
  return BY_EXTENSION[name.slice(name.lastIndexOf(".") + 1)] ?? UNKNOWN;
}
