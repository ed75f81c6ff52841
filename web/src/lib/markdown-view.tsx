import { Fragment, useMemo } from "react";
import { type Inline, parseMarkdown } from "./markdown.ts";

/** Markdown that somebody wrote, drawn; nothing in it can run. */
export function Markdown({
  text,
  heading: Heading = "h3",
}: {
  text: string;
  /** Of the level that follows what stands above it on the page. */
  heading?: "h2" | "h3";
}) {
  const blocks = useMemo(() => parseMarkdown(text), [text]);
  return (
    <div className="flex flex-col gap-2 break-words p-3">
      {blocks.map((block, at) => {
        if (block.kind === "rule") return <hr key={at} className="border-line" />;
        if (block.kind === "code")
          return (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a long line scrolls, so the keyboard must reach it.
            <pre key={at} className="overflow-x-auto rounded-md bg-sunken p-2" tabIndex={0}>
              {block.text}
            </pre>
          );
        if (block.kind === "list") {
          const List = block.ordered === "ordered" ? "ol" : "ul";
          return (
            <List key={at} className={`pl-5 ${block.ordered === "ordered" ? "list-decimal" : "list-disc"}`}>
              {block.items.map((item, index) => (
                <li key={index}>
                  <Line pieces={item} />
                </li>
              ))}
            </List>
          );
        }
        if (block.kind === "heading")
          return (
            <Heading key={at} className={block.level <= 2 ? "font-semibold text-base" : "font-semibold"}>
              <Line pieces={block.line} />
            </Heading>
          );
        return (
          <p key={at} className={block.kind === "quote" ? "border-line border-l-2 pl-3 text-ink-2" : ""}>
            <Line pieces={block.line} />
          </p>
        );
      })}
    </div>
  );
}

function Line({ pieces }: { pieces: readonly Inline[] }) {
  return pieces.map((piece, at) => {
    if (piece.kind === "link")
      return (
        <a key={at} className="link underline" href={piece.to} target="_blank" rel="noreferrer noopener">
          {piece.text}
        </a>
      );
    if (piece.kind === "code") return <code key={at}>{piece.text}</code>;
    if (piece.kind === "strong") return <strong key={at}>{piece.text}</strong>;
    if (piece.kind === "emphasis") return <em key={at}>{piece.text}</em>;
    return <Fragment key={at}>{piece.text}</Fragment>;
  });
}
