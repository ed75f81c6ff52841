import { Pencil } from "lucide-react";
import { Fragment, useMemo, useState } from "react";
import { FormError, useSubmit } from "./form.tsx";
import { type Inline, parseMarkdown } from "./markdown.ts";

/** What people wrote about a thing, in Markdown, and a way to write it for those who may. */
export function Description({
  text,
  onSave,
  placeholder = "",
}: {
  text: string;
  onSave?: ((text: string) => Promise<unknown>) | undefined;
  /** What to write about, for whoever begins. */
  placeholder?: string;
}) {
  const [editing, setEditing] = useState<"open" | "closed">("closed");
  return (
    <section className="card min-w-0">
      <header className="flex h-9 items-center gap-2 border-line border-b px-3">
        <h2>Description</h2>
        {onSave && editing === "closed" && (
          <button
            type="button"
            className="button button-plain ml-auto !h-6 !px-2 text-ink-2"
            onClick={() => setEditing("open")}
          >
            <Pencil size={12} /> Edit
          </button>
        )}
      </header>
      {editing === "open" && onSave ? (
        <Editor text={text} onSave={onSave} placeholder={placeholder} onClose={() => setEditing("closed")} />
      ) : text ? (
        <Markdown text={text} />
      ) : (
        <p className="p-3 text-ink-3">None yet.</p>
      )}
    </section>
  );
}

function Editor({
  text,
  onSave,
  placeholder,
  onClose,
}: {
  text: string;
  onSave: (text: string) => Promise<unknown>;
  placeholder: string;
  onClose: () => void;
}) {
  const [draft, setDraft] = useState(text);
  const form = useSubmit(async () => {
    await onSave(draft);
    onClose();
  });
  return (
    <form className="flex flex-col gap-2 p-3" onSubmit={form.onSubmit}>
      <textarea
        // biome-ignore lint/a11y/noAutofocus: it was opened to be written in.
        autoFocus
        className="field"
        rows={8}
        aria-label="Description, in Markdown"
        placeholder={placeholder}
        value={draft}
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.metaKey || event.ctrlKey))
            event.currentTarget.form?.requestSubmit();
        }}
      />
      <FormError error={form.error} />
      <div className="flex justify-end gap-2">
        <button type="button" className="button" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" className="button button-primary" disabled={form.busy}>
          Save
        </button>
      </div>
    </form>
  );
}

function Markdown({ text }: { text: string }) {
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
            <h3 key={at} className={block.level <= 2 ? "font-semibold text-base" : "font-semibold"}>
              <Line pieces={block.line} />
            </h3>
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
