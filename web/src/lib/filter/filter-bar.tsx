import { CircleHelp, ListFilter, X } from "lucide-react";
import { type ReactNode, useId, useRef } from "react";
import { useShortcuts } from "../keys.ts";
import { Popover } from "../menu.tsx";
import type { Suggestion, Vocabulary } from "./completion.ts";
import { useCompletion } from "./use-completion.ts";

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
  const { text, items, shown, marked, take, clear, events } = useCompletion(value, vocabulary, onApply);
  useShortcuts([{ keys: "/", does: "Write a filter", where: "Tables", run: () => input.current?.focus() }]);
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
          {...events}
        />
        {text && (
          <button
            type="button"
            className="text-ink-3 hover:text-ink"
            aria-label="Clear the filter"
            onClick={clear}
          >
            <X size={14} />
          </button>
        )}
        <Help>{help}</Help>
      </div>
      <Suggestions
        id={id}
        items={items}
        marked={shown ? marked : "hidden"}
        onTake={(chosen) => take(chosen, input.current)}
      />
      {error && (
        <p id={`${id}-error`} role="alert" className="mt-1 text-bad text-xs">
          {error}
        </p>
      )}
    </div>
  );
}

function Help({ children }: { children: ReactNode }) {
  return (
    <Popover
      label="How to filter"
      trigger={
        <button type="button" className="text-ink-3 hover:text-ink" aria-label="How to filter">
          <CircleHelp size={14} />
        </button>
      }
    >
      <div className="w-80 p-2">{children}</div>
    </Popover>
  );
}

function Suggestions({
  id,
  items,
  marked,
  onTake,
}: {
  id: string;
  items: readonly Suggestion[];
  /** Which of the items the arrow keys have reached. */
  marked: number | "hidden";
  onTake: (chosen: string) => void;
}) {
  return (
    <div
      id={`${id}-list`}
      role="listbox"
      aria-label="Suggestions"
      hidden={marked === "hidden"}
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
          onClick={() => onTake(item.text)}
        >
          <code className="flex-1 truncate">{item.text}</code>
          <span className="text-ink-3 text-xs">{item.hint}</span>
        </div>
      ))}
    </div>
  );
}
