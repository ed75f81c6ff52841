/** Where a command's results go: tables for people, JSON for programs. */
export interface Output {
  /** `json` is printed as it is with --json; else `lines`. */
  show(result: { json: unknown; lines: string[] }): void;
  /** Progress and advice: for people only, on stderr. */
  say(line: string): void;
  /** Raw text as it comes, for exports and tails. */
  write(text: string): void;
  format: "human" | "json";
}

/** Results on stdout, talk on stderr. */
export function createOutput(format: "human" | "json"): Output {
  return {
    format,
    show({ json, lines }) {
      process.stdout.write(
        format === "json" ? `${JSON.stringify(json, null, 2)}\n` : `${lines.join("\n")}\n`,
      );
    },
    say: (line) => void process.stderr.write(`${line}\n`),
    write: (text) => void process.stdout.write(text),
  };
}

const EMPTY = "(none)";
// Control characters of a name could move the cursor or change colours of the reader's terminal.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to take out
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/g;

/** Rows under headings, in columns as wide as their widest cell. */
export function table(headings: readonly string[], rows: readonly (readonly unknown[])[]): string[] {
  if (rows.length === 0) return [EMPTY];
  const cells = [headings, ...rows].map((row) => row.map(cell));
  const widths = headings.map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)));
  return cells.map((row) =>
    row
      .map((text, at) => text.padEnd(widths[at] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

/** Names and values, one a line. */
export function facts(values: Record<string, unknown>): string[] {
  const shown = Object.entries(values).filter(([, value]) => value !== undefined && value !== "");
  const width = Math.max(...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `${name.padEnd(width)}  ${cell(value)}`);
}

/** `2026-03-01 14:05:09` in UTC. */
export function time(ms: number | undefined): string {
  if (ms === undefined) return "";
  return new Date(ms).toISOString().slice(0, 19).replace("T", " ");
}

/** One line of text, harmless to a terminal. */
export function cell(value: unknown): string {
  if (value === undefined || value === null) return "";
  return String(value).replace(CONTROL, " ");
}
