import { AppError } from "#lib/errors";

const PATH_BYTES_MAX = 1024; // S3 keys end there, and database pages hold it inline.
const SEGMENT_BYTES_MAX = 255; // What file systems of our users can hold when they download a folder.
const DECODINGS_MAX = 8; // An honest path is stable after one or two.
const FORBIDDEN = /[\\;#\p{Cc}\u202a-\u202e\u2066-\u2069\ufeff]/u; // The last ones turn text around.

/**
 * Checks a file's path and answers with its one spelling: Unicode NFC, no empty segment at the end. Percent signs are
 * decoded again and again for the check, so that no later reader can find a trick in it; the name itself is kept.
 * @throws AppError `invalid`
 */
export function checkPath(path: string): string {
  const clean = path.normalize("NFC").replace(/\/$/, "");
  if (clean === "") throw refused(path, "a file needs a name");
  checkForms(clean);
  return clean;
}

/** The same for a folder; empty, or `/`, is the project's root. */
export function checkFolder(path: string): string {
  return path === "" || path === "/" ? "" : checkPath(path);
}

/** All folders above a path, from the top. */
export function foldersAbove(path: string): string[] {
  const segments = path.split("/").slice(0, -1);
  return segments.map((_, i) => segments.slice(0, i + 1).join("/"));
}

/** Paths below a folder lie from `after`, exclusive, to `before`, exclusive, in byte order (`0` follows `/`). */
export function below(folder: string): { after: string; before: string | undefined } {
  return folder === "" ? { after: "", before: undefined } : { after: `${folder}/`, before: `${folder}0` };
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function checkForms(path: string): void {
  let form = path;
  for (let i = 0; i < DECODINGS_MAX; i += 1) {
    checkForm(form, path);
    const next = decoded(form);
    if (next === form) return;
    form = next;
  }
  throw refused(path, "it is percent-encoded too many times");
}

function checkForm(form: string, path: string): void {
  if (Buffer.byteLength(form) > PATH_BYTES_MAX)
    throw refused(path, `it is longer than ${PATH_BYTES_MAX} bytes`);
  if (!form.isWellFormed()) throw refused(path, "it is not Unicode");
  if (FORBIDDEN.test(form)) throw refused(path, "it has a control character or one of \\ ; #");
  if (form.startsWith("/")) throw refused(path, "it must be relative");
  for (const segment of form.split("/")) {
    // Windows leaves the folder that it downloads into for such a segment, wherever it stands.
    if (/^[A-Za-z]:/.test(segment)) throw refused(path, "a segment names a drive");
    if (segment === "" || segment.trim() === "" || segment === "." || segment === "..") {
      throw refused(path, "a segment is empty, '.' or '..'");
    }
    if (Buffer.byteLength(segment) > SEGMENT_BYTES_MAX) {
      throw refused(path, `a segment is longer than ${SEGMENT_BYTES_MAX} bytes`);
    }
  }
}

/** Decodes what can be decoded; a lone percent sign is an ordinary character of a name. */
function decoded(text: string): string {
  return text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (run) => {
    try {
      return decodeURIComponent(run);
    } catch {
      return Buffer.from(run.replaceAll("%", ""), "hex").toString("latin1");
    }
  });
}

function refused(path: string, why: string): AppError {
  const shown = JSON.stringify(path.slice(0, 100));
  return new AppError("invalid", `Invalid path ${shown}: ${why}.`, { at: "path", reason: "path" });
}
