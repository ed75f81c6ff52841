/** What can be named in a filter, such as `metrics.rmse`, and the values that are worth suggesting for it. */
export interface Vocabulary {
  fields: readonly { name: string; kind: "number" | "text"; values?: readonly string[] }[];
}

export interface Suggestion {
  text: string;
  hint: string;
}

const COMPARE_NUMBER = ["<", "<=", ">", ">=", "=", "!="];
const COMPARE_TEXT = ["=", "!=", "LIKE", "ILIKE"];
const SUGGESTIONS_MAX = 12;

/** The word under the caret and what stands before it decide what may come next: field, comparison, value, `and`. */
export function suggest(
  text: string,
  caret: number,
  vocabulary: Vocabulary,
): { from: number; items: Suggestion[] } {
  const before = text.slice(0, caret);
  const from = wordStart(before);
  const word = before.slice(from);
  const previous = tokens(before.slice(0, from));
  const found = candidates(previous, vocabulary).filter(
    (item) => item.text.toLowerCase().includes(word.toLowerCase()) && item.text !== word,
  );
  const starts = (item: Suggestion) => (item.text.toLowerCase().startsWith(word.toLowerCase()) ? 0 : 1);
  return { from, items: found.sort((a, b) => starts(a) - starts(b)).slice(0, SUGGESTIONS_MAX) };
}

/** Puts a suggestion in place of a word, the one from where it was looked for to the caret. */
export function complete(
  text: string,
  word: { from: number; caret: number },
  chosen: string,
): { text: string; caret: number } {
  const head = `${text.slice(0, word.from)}${chosen} `;
  return { text: head + text.slice(word.caret).trimStart(), caret: head.length };
}

function candidates(previous: readonly string[], vocabulary: Vocabulary): Suggestion[] {
  const clause = previous.slice(lastIndexOfAnd(previous) + 1);
  const field = vocabulary.fields.find((one) => one.name.toLowerCase() === clause[0]?.toLowerCase());
  if (clause.length === 0) return vocabulary.fields.map((one) => ({ text: one.name, hint: one.kind }));
  if (clause.length === 1) {
    const known = field
      ? field.kind === "number"
        ? COMPARE_NUMBER
        : COMPARE_TEXT
      : [...COMPARE_NUMBER, "LIKE", "ILIKE"];
    return known.map((text) => ({ text, hint: COMPARE_HELP[text] ?? "" }));
  }
  if (clause.length === 2)
    return (field?.values ?? []).map((value) => ({
      text: `'${value.replaceAll("'", "\\'")}'`,
      hint: "value",
    }));
  return [{ text: "and", hint: "another condition" }];
}

const COMPARE_HELP: Record<string, string> = {
  "=": "is",
  "!=": "is not",
  "<": "below",
  "<=": "at most",
  ">": "above",
  ">=": "at least",
  LIKE: "% stands for any text",
  ILIKE: "the same, whatever the case",
};

function lastIndexOfAnd(words: readonly string[]): number {
  return words.findLastIndex((word) => word.toLowerCase() === "and");
}

function wordStart(before: string): number {
  let quote = "";
  let start = 0;
  for (let at = 0; at < before.length; at++) {
    const letter = before[at] ?? "";
    if (quote) {
      if (letter === quote) quote = "";
    } else if (letter === "'" || letter === '"' || letter === "`") quote = letter;
    else if (/\s/.test(letter)) start = at + 1;
  }
  return start;
}

function tokens(text: string): string[] {
  return text.match(/(?:[^\s"'`]+|"[^"]*"?|'[^']*'?|`[^`]*`?)+/g) ?? [];
}
