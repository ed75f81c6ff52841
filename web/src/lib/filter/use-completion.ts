import { type KeyboardEvent, useEffect, useState } from "react";
import { complete, suggest, type Vocabulary } from "./completion.ts";

/** What is written in a filter, and the suggestions for what may come next: those for the word under the caret. */
export function useCompletion(value: string, vocabulary: Vocabulary, onApply: (text: string) => void) {
  const [text, setText] = useState(value);
  const [caret, setCaret] = useState(0);
  const [open, setOpen] = useState<"open" | "closed">("closed");
  const [marked, setMarked] = useState(-1);
  useEffect(() => setText(value), [value]);
  const { from, items } = suggest(text, caret, vocabulary);
  const shown = open === "open" && items.length > 0;
  const see = (input: HTMLInputElement) => setCaret(input.selectionStart ?? input.value.length);
  const take = (chosen: string, input: HTMLInputElement | null) => {
    const next = complete(text, { from, caret }, chosen);
    setText(next.text);
    setCaret(next.caret);
    setMarked(-1);
    requestAnimationFrame(() => input?.setSelectionRange(next.caret, next.caret));
  };
  const mark = (key: "ArrowDown" | "ArrowUp") => {
    setOpen("open");
    const count = items.length;
    if (count > 0)
      setMarked(key === "ArrowDown" ? (marked + 1) % count : (Math.max(marked, 0) + count - 1) % count);
  };
  /** Arrows mark a suggestion, Tab takes it or the first, Enter takes a marked one and else applies, Esc closes. */
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const marking = items[marked];
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      mark(event.key);
    } else if (event.key === "Tab" && shown && (marking ?? text.slice(from, caret))) {
      event.preventDefault();
      take((marking ?? items[0])?.text ?? "", event.currentTarget);
    } else if (event.key === "Enter" && shown && marking) {
      take(marking.text, event.currentTarget);
    } else if (event.key === "Enter") {
      setOpen("closed");
      onApply(text.trim());
    } else if (event.key === "Escape") {
      event.stopPropagation();
      if (shown) setOpen("closed");
      else event.currentTarget.blur();
    }
  };
  return {
    ...{ text, items, shown, marked },
    take,
    clear: () => {
      setText("");
      onApply("");
    },
    /** What the input does with what happens to it. */
    events: {
      onKeyDown,
      onChange: ({ target }: { target: HTMLInputElement }) => {
        setText(target.value);
        see(target);
        setOpen("open");
        setMarked(-1);
      },
      onFocus: ({ target }: { target: HTMLInputElement }) => {
        see(target);
        setOpen("open");
      },
      onClick: ({ currentTarget }: { currentTarget: HTMLInputElement }) => see(currentTarget),
      onKeyUp: ({ currentTarget }: { currentTarget: HTMLInputElement }) => see(currentTarget),
      onBlur: () => setOpen("closed"),
    },
  };
}
