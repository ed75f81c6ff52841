export type PreviewKind = "text" | "json" | "table" | "image" | "html" | "none";

const KINDS: Record<string, PreviewKind> = {
  json: "json", csv: "table", tsv: "table", html: "html", htm: "html",
  png: "image", jpg: "image", jpeg: "image", gif: "image", webp: "image", bmp: "image",
};
const TEXT = new Set("txt log md markdown yaml yml toml ini cfg conf py ipynb r sql sh js ts css xml svg env lock requirements mlmodel".split(" "));
const TEXT_NAMES = new Set(["mlmodel", "dockerfile", "makefile", "license", "readme"]);

/** How a file is shown, by its name alone; its content is never trusted. SVG is shown as text: it can carry scripts. */
export function previewKind(path: string): PreviewKind {
  const name = path.split("/").at(-1)?.toLowerCase() ?? "";
  const ending = name.includes(".") ? (name.split(".").at(-1) ?? "") : "";
  if (KINDS[ending]) return KINDS[ending];
  if (TEXT.has(ending) || TEXT_NAMES.has(name)) return "text";
  return "none";
}

/** Rows of a CSV or TSV text (RFC 4180), at most `rowsMax`. */
export function parseTable(text: string, separator: "," | "\t", rowsMax: number): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let quoted = false;
  for (let at = 0; at < text.length && rows.length < rowsMax; at++) {
    const letter = text[at] ?? "";
    if (quoted) {
      if (letter !== '"') cell += letter;
      else if (text[at + 1] === '"') {
        cell += '"';
        at++;
      } else quoted = false;
    } else if (letter === '"' && cell === "") quoted = true;
    else if (letter === separator) {
      row.push(cell);
      cell = "";
    } else if (letter === "\n") {
      rows.push([...row, cell.replace(/\r$/, "")]);
      row = [];
      cell = "";
    } else cell += letter;
  }
  if ((cell !== "" || row.length > 0) && rows.length < rowsMax) rows.push([...row, cell]);
  return rows;
}
