import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";

/** A small copy button that says when it is done. */
export function CopyButton({ text, what }: { text: string | (() => string); what: string }) {
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return;
    const timer = setTimeout(() => setDone(false), 1500);
    return () => clearTimeout(timer);
  }, [done]);
  const copy = async (event: React.MouseEvent) => {
    event.stopPropagation();
    await navigator.clipboard.writeText(typeof text === "string" ? text : text());
    setDone(true);
  };
  return (
    <button
      type="button"
      className="inline-flex rounded p-0.5 text-ink-3 hover:bg-hover hover:text-ink"
      aria-label={done ? `Copied ${what}` : `Copy ${what}`}
      title={`Copy ${what}`}
      onClick={copy}
    >
      {done ? <Check size={14} className="text-good" /> : <Copy size={14} />}
    </button>
  );
}

/** An id, short on screen and whole in the clipboard. */
export function CopyableId({ id, length = 10 }: { id: string; length?: number }) {
  return (
    <span className="inline-flex items-center gap-1 whitespace-nowrap">
      <code className="text-ink-3" title={id}>
        {id.length > length + 1 ? `${id.slice(0, length)}…` : id}
      </code>
      <CopyButton text={id} what="id" />
    </span>
  );
}
