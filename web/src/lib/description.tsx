import { Pencil } from "lucide-react";
import { useState } from "react";
import { FormError, useSubmit } from "./form.tsx";
import { Markdown } from "./markdown-view.tsx";

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
