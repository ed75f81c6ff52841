import type { NotebookCell } from "@atrium/contract/notebooks";

/** A parameter that a notebook declares in its cell tagged `parameters`, with its default as JSON. */
export interface Declared {
  name: string;
  /** Absent where the default is no plain value, such as the answer of a function. */
  default?: unknown;
  /** As it stands in the cell. */
  source: string;
  note: string;
}

const ASSIGNMENT = /^([A-Za-z_]\w*)\s*(?::[^=]+)?=\s*(.+)$/;
const WORDS: Record<string, unknown> = { True: true, False: false, None: null };

/** The parameters of a notebook: one simple assignment a line. What is more than that keeps its default. */
export function declaredParameters(cells: readonly NotebookCell[]): Declared[] {
  const cell = cells.find(({ tags }) => tags.includes("parameters"));
  if (!cell) return [];
  return cell.source.split(/\r?\n/).flatMap((line) => {
    const found = ASSIGNMENT.exec(line);
    const [, name, rest] = found ?? [];
    if (name === undefined || rest === undefined) return [];
    const [source, note] = withoutComment(rest);
    const value = plainValue(source);
    return [{ name, source, note, ...(value === undefined ? {} : { default: value }) }];
  });
}

/** Python's plain values are JSON's, but for three words and quotes. */
function plainValue(source: string): unknown {
  if (source in WORDS) return WORDS[source];
  const text = /^'((?:[^'\\]|\\.)*)'$/.exec(source)?.[1];
  const json =
    text === undefined
      ? source.replaceAll(/\b(\d)_(\d)/g, "$1$2")
      : `"${text.replaceAll('"', '\\"').replaceAll("\\'", "'")}"`;
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}

/** What stands before a `#` that is in no text, and what stands behind it. */
function withoutComment(rest: string): [string, string] {
  let quote = "";
  for (let at = 0; at < rest.length; at++) {
    const letter = rest[at] ?? "";
    if (quote !== "" && letter === "\\") at++;
    else if (quote !== "") quote = letter === quote ? "" : quote;
    else if (letter === '"' || letter === "'") quote = letter;
    else if (letter === "#") return [rest.slice(0, at).trim(), rest.slice(at + 1).trim()];
  }
  return [rest.trim(), ""];
}

/** What somebody typed for a parameter: JSON where it reads as such, else the text itself. */
export function typedValue(text: string, declared: Declared | undefined): unknown {
  if (typeof declared?.default === "string") return text;
  const trimmed = text.trim();
  if (trimmed in WORDS) return WORDS[trimmed];
  try {
    return JSON.parse(trimmed) as unknown;
  } catch {
    return text;
  }
}

/** A value as the form's text; texts stand without quotes. */
export function shownValue(value: unknown): string {
  return typeof value === "string" ? value : value === undefined ? "" : JSON.stringify(value);
}
