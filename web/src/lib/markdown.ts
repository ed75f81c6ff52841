/** A piece of a line: plain text, or text with one meaning. */
export type Inline =
  | { kind: "text" | "strong" | "emphasis" | "code"; text: string }
  | { kind: "link"; text: string; to: string };

export type Block =
  | { kind: "heading"; level: number; line: Inline[] }
  | { kind: "paragraph"; line: Inline[] }
  | { kind: "list"; ordered: "ordered" | "bulleted"; items: Inline[][] }
  | { kind: "code"; text: string }
  | { kind: "quote"; line: Inline[] }
  | { kind: "rule" };

// A description is read, not published: past this length the rest stays plain text in the editor.
const CHARACTERS_MAX = 100_000;
const FENCE = /^\s*(```|~~~)/;
const HEADING = /^(#{1,6})\s+(.*)$/;
const ITEM = /^\s*(?:([-*+])|(\d{1,9})[.)])\s+(.*)$/;
const RULE = /^\s*([-*_])(?:\s*\1){2,}\s*$/;
const QUOTE = /^>\s?(.*)$/;

/**
 * The part of Markdown that descriptions are written in. HTML is text like any other, and a link leads to http, https or
 * mail only, so that nothing that somebody wrote can run in the reader's browser.
 */
export function parseMarkdown(source: string): Block[] {
  const blocks: Block[] = [];
  const lines = source.slice(0, CHARACTERS_MAX).split(/\r?\n/);
  let paragraph: string[] = [];
  const endParagraph = () => {
    if (paragraph.length > 0) blocks.push({ kind: "paragraph", line: parseInline(paragraph.join(" ")) });
    paragraph = [];
  };
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    if (FENCE.test(line)) {
      endParagraph();
      const rest = lines.slice(at + 1);
      const closing = rest.findIndex((one) => FENCE.test(one));
      const inside = closing < 0 ? rest : rest.slice(0, closing);
      blocks.push({ kind: "code", text: inside.join("\n") });
      at += inside.length + 1;
      continue;
    }
    const block = blockOf(line);
    if (!block) {
      if (line.trim() === "") endParagraph();
      else paragraph.push(line.trim());
      continue;
    }
    endParagraph();
    const last = blocks.at(-1);
    const follows = at > 0 && lines[at - 1]?.trim() !== "";
    if (block.kind === "list" && last?.kind === "list" && last.ordered === block.ordered && follows)
      last.items.push(...block.items);
    else blocks.push(block);
  }
  endParagraph();
  return blocks;
}

function blockOf(line: string): Block | undefined {
  if (RULE.test(line)) return { kind: "rule" };
  const heading = HEADING.exec(line);
  if (heading)
    return { kind: "heading", level: heading[1]?.length ?? 1, line: parseInline(heading[2] ?? "") };
  const quote = QUOTE.exec(line);
  if (quote) return { kind: "quote", line: parseInline(quote[1] ?? "") };
  const item = ITEM.exec(line);
  if (!item) return undefined;
  const ordered = item[2] === undefined ? "bulleted" : "ordered";
  return { kind: "list", ordered, items: [parseInline(item[3] ?? "")] };
}

// Each alternative is bounded by characters it may not hold, so that no text makes the search go back and forth.
const PIECES = /`([^`]+)`|\*\*([^*]+)\*\*|__([^_]+)__|\*([^*\s][^*]*)\*|\[([^\]]+)\]\(([^()\s]+)\)/g;
const SAFE_LINK = /^(https?:\/\/|mailto:)/i;

function parseInline(text: string): Inline[] {
  const pieces: Inline[] = [];
  let from = 0;
  for (const match of text.matchAll(PIECES)) {
    const [whole, code, strong, alsoStrong, emphasis, words, to] = match;
    if (match.index > from) pieces.push({ kind: "text", text: text.slice(from, match.index) });
    if (code !== undefined) pieces.push({ kind: "code", text: code });
    else if (strong ?? alsoStrong) pieces.push({ kind: "strong", text: strong ?? alsoStrong ?? "" });
    else if (emphasis !== undefined) pieces.push({ kind: "emphasis", text: emphasis });
    else if (words !== undefined && to !== undefined && SAFE_LINK.test(to))
      pieces.push({ kind: "link", text: words, to });
    else pieces.push({ kind: "text", text: whole });
    from = match.index + whole.length;
  }
  if (from < text.length) pieces.push({ kind: "text", text: text.slice(from) });
  return pieces;
}
