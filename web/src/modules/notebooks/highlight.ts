/** A piece of source text, with what it is. */
export interface Token {
  kind: "plain" | "keyword" | "string" | "comment" | "number" | "decorator" | "magic";
  text: string;
}

// A cell longer than this is data, not a program; it stays plain.
const HIGHLIGHTED_CHARACTERS_MAX = 50_000;
const KEYWORDS =
  "False|None|True|and|as|assert|async|await|break|case|class|continue|def|del|elif|else|except|finally|for|from|global|if|import|in|is|lambda|match|nonlocal|not|or|pass|raise|return|try|while|with|yield";

// A text in three quotes ends with them, or with the source; one in a single quote ends with its line at the latest.
const TEXT = [
  '"""[\\s\\S]*?(?:"""|(?![\\s\\S]))',
  "'{3}[\\s\\S]*?(?:'{3}|(?![\\s\\S]))",
  '"(?:\\\\.|[^"\\\\\\n])*"?',
  "'(?:\\\\.|[^'\\\\\\n])*'?",
].join("|");
// Every alternative consumes what it has looked at, so that the search walks the source once.
const PIECES = new RegExp(
  [
    "(?<comment>#[^\\n]*)",
    `(?<string>(?:\\b[rbfuRBFU]{1,2})?(?:${TEXT}))`,
    "(?<magic>^[ \\t]*[%!][^\\n]*)",
    "(?<decorator>^[ \\t]*@[A-Za-z_][\\w.]*)",
    `(?<keyword>\\b(?:${KEYWORDS})\\b)`,
    "(?<number>\\b0[xXoObB][\\da-fA-F_]+\\b|\\b\\d[\\d_]*(?:\\.[\\d_]*)?(?:[eE][+-]?\\d+)?[jJ]?)",
    "(?<word>[A-Za-z_]\\w*)",
  ].join("|"),
  "gm",
);

/** Python source in pieces that, joined, are the source again. Other languages come back whole. */
export function highlight(source: string, language: string): Token[] {
  if (language !== "python" || source.length > HIGHLIGHTED_CHARACTERS_MAX)
    return [{ kind: "plain", text: source }];
  const tokens: Token[] = [];
  const add = (kind: Token["kind"], text: string) => {
    const last = tokens.at(-1);
    if (text === "") return;
    if (last?.kind === kind) last.text += text;
    else tokens.push({ kind, text });
  };
  let from = 0;
  for (const match of source.matchAll(PIECES)) {
    add("plain", source.slice(from, match.index));
    const [kind] = Object.entries(match.groups ?? {}).find(([, text]) => text !== undefined) ?? ["word"];
    add(kind === "word" ? "plain" : (kind as Token["kind"]), match[0]);
    from = match.index + match[0].length;
  }
  add("plain", source.slice(from));
  return tokens;
}
