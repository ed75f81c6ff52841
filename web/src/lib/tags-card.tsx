import { Plus, X } from "lucide-react";
import { type FormEvent, useState } from "react";

type SetTag = (name: string, value: string | null) => Promise<unknown>;

/** A thing's tags; those who may change them get a line to add one and a cross to remove one, both with undo. */
export function TagsCard({
  tags,
  onSet,
}: {
  tags: Readonly<Record<string, string>>;
  /** Null removes; absent when the reader may not change them. */
  onSet?: SetTag | undefined;
}) {
  const [adding, setAdding] = useState<"open" | "closed">("closed");
  const names = Object.keys(tags).sort();
  return (
    <section className="card min-w-0">
      <header className="flex h-9 items-center gap-2 border-line border-b px-3">
        <h2>Tags</h2>
        <span className="nums text-ink-3 text-xs">{names.length}</span>
        {onSet && adding === "closed" && (
          <button
            type="button"
            className="button button-plain ml-auto !h-6 !px-2 text-ink-2"
            onClick={() => setAdding("open")}
          >
            <Plus size={14} /> Add
          </button>
        )}
      </header>
      {names.length === 0 && adding === "closed" && <p className="p-3 text-ink-3">None.</p>}
      <ul>
        {names.map((name) => (
          <li
            key={name}
            className="group flex items-start gap-2 border-line border-b px-3 py-1 last:border-0"
          >
            <span className="w-2/5 shrink-0 truncate text-ink-2" title={name}>
              {name}
            </span>
            <span className="min-w-0 flex-1 break-words">{tags[name]}</span>
            {onSet && (
              <button
                type="button"
                className="rounded p-0.5 text-ink-3 opacity-0 hover:bg-hover hover:text-ink focus-visible:opacity-100 group-hover:opacity-100 max-md:opacity-100"
                aria-label={`Remove the tag ${name}`}
                onClick={() => void onSet(name, null)}
              >
                <X size={14} />
              </button>
            )}
          </li>
        ))}
      </ul>
      {onSet && adding === "open" && <NewTag onSet={onSet} onClose={() => setAdding("closed")} />}
    </section>
  );
}

function NewTag({ onSet, onClose }: { onSet: SetTag; onClose: () => void }) {
  const [name, setName] = useState("");
  const [value, setValue] = useState("");
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    await onSet(name.trim(), value);
    onClose();
  };
  return (
    <form
      className="flex flex-wrap items-center gap-2 border-line border-t p-2"
      onSubmit={submit}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        onClose();
      }}
    >
      <input
        // biome-ignore lint/a11y/noAutofocus: the line was opened to be written in.
        autoFocus
        className="field !h-7 min-w-24 flex-1"
        aria-label="Tag name"
        placeholder="Name"
        required
        maxLength={250}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <input
        className="field !h-7 min-w-24 flex-1"
        aria-label="Tag value"
        placeholder="Value"
        value={value}
        onChange={(event) => setValue(event.target.value)}
      />
      <button type="submit" className="button">
        Set
      </button>
      <button type="button" className="button button-plain" onClick={onClose}>
        Cancel
      </button>
    </form>
  );
}
