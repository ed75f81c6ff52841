import { CircleHelp, ListFilter, X } from "lucide-react";
import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { useShortcuts } from "../keys.ts";
import { Popover } from "../menu.tsx";
import { complete, suggest, type Vocabulary } from "./completion.ts";

/** A line to write a filter in. It applies on Enter; what the server did not understand stands below. */
export function FilterBar({
  value,
  onApply,
  vocabulary,
  help,
  error,
  placeholder,
}: {
  value: string;
  onApply: (text: string) => void;
  vocabulary: Vocabulary;
  help: ReactNode;
  error?: string | undefined;
  placeholder: string;
}) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(value);
  const [caret, setCaret] = useState(0);
  const [open, setOpen] = useState<"open" | "closed">("closed");
  const [marked, setMarked] = useState(-1);
  useEffect(() => setText(value), [value]);
  useShortcuts([{ keys: "/", does: "Write a filter", where: "Tables", run: () => input.current?.focus() }]);
  const { from, items } = suggest(text, caret, vocabulary);
  const shown = open === "open" && items.length > 0;
  const take = (chosen: string) => {
    const next = complete(text, caret, from, chosen);
    setText(next.text);
    setCaret(next.caret);
    setMarked(-1);
    requestAnimationFrame(() => input.current?.setSelectionRange(next.caret, next.caret));
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const marking = items[marked];
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setOpen("open");
      const count = items.length;
      if (count > 0)
        setMarked(
          event.key === "ArrowDown" ? (marked + 1) % count : (Math.max(marked, 0) + count - 1) % count,
        );
    } else if (event.key === "Tab" && shown && (marking ?? text.slice(from, caret))) {
      event.preventDefault();
      take((marking ?? items[0])?.text ?? "");
    } else if (event.key === "Enter" && shown && marking) {
      take(marking.text);
    } else if (event.key === "Enter") {
      setOpen("closed");
      onApply(text.trim());
    } else if (event.key === "Escape") {
      event.stopPropagation();
      if (shown) setOpen("closed");
      else input.current?.blur();
    }
  };
  const see = (element: HTMLInputElement) => setCaret(element.selectionStart ?? element.value.length);
  return (
    <div className="relative min-w-0 flex-1">
      <div
        className={`flex h-7 items-center gap-2 rounded-md border bg-surface px-2 focus-within:border-accent ${error ? "border-bad" : "border-line"}`}
      >
        <ListFilter size={14} className="shrink-0 text-ink-3" aria-hidden />
        <input
          ref={input}
          role="combobox"
          aria-label="Filter"
          aria-expanded={shown}
          aria-controls={`${id}-list`}
          aria-activedescendant={shown && marked >= 0 ? `${id}-${marked}` : undefined}
          aria-invalid={Boolean(error)}
          aria-describedby={error ? `${id}-error` : undefined}
          autoComplete="off"
          spellCheck={false}
          className="mono min-w-0 flex-1 bg-transparent outline-none"
          placeholder={placeholder}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            see(event.target);
            setOpen("open");
            setMarked(-1);
          }}
          onFocus={(event) => {
            see(event.target);
            setOpen("open");
          }}
          onClick={(event) => see(event.currentTarget)}
          onKeyUp={(event) => see(event.currentTarget)}
          onBlur={() => setOpen("closed")}
          onKeyDown={onKeyDown}
        />
        {text && (
          <button
            type="button"
            className="text-ink-3 hover:text-ink"
            aria-label="Clear the filter"
            onClick={() => {
              setText("");
              onApply("");
            }}
          >
            <X size={14} />
          </button>
        )}
        <Popover
          label="How to filter"
          trigger={
            <button type="button" className="text-ink-3 hover:text-ink" aria-label="How to filter">
              <CircleHelp size={14} />
            </button>
          }
        >
          <div className="w-80 p-2">{help}</div>
        </Popover>
      </div>
      <div
        id={`${id}-list`}
        role="listbox"
        aria-label="Suggestions"
        hidden={!shown}
        className="menu absolute top-8 left-0 max-h-72 min-w-64 overflow-auto"
      >
        {items.map((item, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard works in the input.
          <div
            key={item.text}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === marked}
            className="menu-item"
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => take(item.text)}
          >
            <code className="flex-1 truncate">{item.text}</code>
            <span className="text-ink-3 text-xs">{item.hint}</span>
          </div>
        ))}
      </div>
      {error && (
        <p id={`${id}-error`} role="alert" className="mt-1 text-bad text-xs">
          {error}
        </p>
      )}
    </div>
  );
}
