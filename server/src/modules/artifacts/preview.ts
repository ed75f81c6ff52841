import type { ArtifactFile, ArtifactPreview } from "@atrium/contract/artifacts";

const TEXT_BYTES_MAX = 256 * 1024; // More text than anyone reads in a panel; the rest is a download away.
const IMAGE_BYTES_MAX = 4 * 1024 * 1024; // An image cannot be cut: beyond this it is not shown.
const ROWS_MAX = 200;
const COLUMNS_MAX = 100;
// Only what a browser decodes without running anything: SVG can hold scripts.
const IMAGES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);

/** How many bytes of a file its preview needs; 0 when nothing can be shown. */
export function bytesToPreview(file: ArtifactFile): number {
  if (IMAGES.has(file.mediaType)) return file.sizeBytes <= IMAGE_BYTES_MAX ? file.sizeBytes : 0;
  return Math.min(file.sizeBytes, TEXT_BYTES_MAX);
}

/** Makes the preview from a file's head. Text is whatever is UTF-8 without NUL, whatever it is called. */
export function previewOf(file: ArtifactFile, head: Buffer): ArtifactPreview {
  const truncated = head.length < file.sizeBytes;
  const nothing: ArtifactPreview = { kind: "none", file, truncated };
  if (IMAGES.has(file.mediaType)) {
    if (truncated) return nothing;
    return {
      kind: "image",
      file,
      truncated,
      dataUrl: `data:${file.mediaType};base64,${head.toString("base64")}`,
    };
  }
  const text = decode(head, truncated);
  if (text === undefined) return nothing;
  if (file.mediaType === "text/csv") return { kind: "csv", file, truncated, rows: rowsOf(text, ",") };
  if (file.mediaType === "text/tab-separated-values")
    return { kind: "csv", file, truncated, rows: rowsOf(text, "\t") };
  return { kind: file.mediaType === "application/json" ? "json" : "text", file, truncated, text };
}

function decode(head: Buffer, truncated: boolean): string | undefined {
  try {
    // A cut may fall inside a character; `stream` leaves that one out instead of failing.
    const text = new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: truncated });
    return text.includes("\0") ? undefined : text;
  } catch {
    return undefined;
  }
}

/** RFC 4180, forgiving: quotes, doubled quotes, line ends inside quotes. */
function rowsOf(text: string, separator: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let quoted = false;
  const endCell = () => {
    if (row.length < COLUMNS_MAX) row.push(cell);
    cell = "";
  };
  const endRow = () => {
    endCell();
    rows.push(row);
    row = [];
  };
  for (let i = 0; i < text.length && rows.length < ROWS_MAX; i += 1) {
    const char = text[i] ?? "";
    if (quoted) {
      if (char !== '"') cell += char;
      else if (text[i + 1] === '"') {
        cell += '"';
        i += 1;
      } else quoted = false;
    } else if (char === '"' && cell === "") quoted = true;
    else if (char === separator) endCell();
    else if (char === "\n") endRow();
    else if (char !== "\r") cell += char;
  }
  if (rows.length < ROWS_MAX && (cell !== "" || row.length > 0)) endRow();
  return rows;
}
