import { CircleAlert, CircleCheck, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { ApiError } from "./api.ts";
import { CopyButton } from "./copy.tsx";

interface Toast {
  id: number;
  tone: "plain" | "error";
  text: string;
  requestId?: string;
  action?: { label: string; run: () => void };
}

// Long enough to read a sentence and reach Undo.
const SHOWN_MS = 7000;
let nextId = 1;
let show: (toast: Toast) => void = () => {};

/** A line at the bottom; `undo` keeps a deed harmless for a few seconds. */
export function toast(text: string, undo?: () => void): void {
  show({ id: nextId++, tone: "plain", text, ...(undo ? { action: { label: "Undo", run: undo } } : {}) });
}

export function toastError(error: unknown): void {
  const text = error instanceof Error ? error.message : String(error);
  show({
    id: nextId++,
    tone: "error",
    text,
    ...(error instanceof ApiError && error.requestId ? { requestId: error.requestId } : {}),
  });
}

/** The place where toasts appear; mounted once, by the shell. Styles stay in our sheet, as the content policy asks. */
export function Toasts() {
  const [toasts, setToasts] = useState<Toast[]>([]);
  useEffect(() => {
    show = (added) => setToasts((now) => [...now.slice(-2), added]);
    return () => {
      show = () => {};
    };
  }, []);
  const close = (id: number) => setToasts((now) => now.filter((t) => t.id !== id));
  return (
    <section
      aria-label="Messages"
      aria-live="polite"
      className="pointer-events-none fixed inset-x-4 bottom-4 z-50 flex flex-col items-end gap-2"
    >
      {toasts.map((one) => (
        <ToastLine key={one.id} toast={one} onClose={() => close(one.id)} />
      ))}
    </section>
  );
}

function ToastLine({ toast, onClose }: { toast: Toast; onClose: () => void }) {
  const [held, setHeld] = useState(false);
  const close = useRef(onClose);
  close.current = onClose;
  useEffect(() => {
    // An error stays until it is read; it may hold an id to copy.
    if (held || toast.tone === "error") return;
    const timer = setTimeout(() => close.current(), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [held, toast.tone]);
  const Icon = toast.tone === "error" ? CircleAlert : CircleCheck;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: hovering only holds the clock, nothing is to be done here.
    <div
      className="menu pointer-events-auto flex max-w-md items-start gap-2 px-3 py-2"
      onMouseEnter={() => setHeld(true)}
      onMouseLeave={() => setHeld(false)}
    >
      <Icon
        size={16}
        className={`mt-0.5 shrink-0 ${toast.tone === "error" ? "text-bad" : "text-good"}`}
        aria-hidden
      />
      <div className="min-w-0 flex-1">
        <p className="break-words">{toast.text}</p>
        {toast.requestId && (
          <p className="flex items-center gap-1 text-ink-3 text-xs">
            Request {toast.requestId.slice(0, 12)} <CopyButton text={toast.requestId} what="request id" />
          </p>
        )}
      </div>
      {toast.action && (
        <button
          type="button"
          className="link font-medium"
          onClick={() => {
            toast.action?.run();
            onClose();
          }}
        >
          {toast.action.label}
        </button>
      )}
      <button type="button" aria-label="Close message" className="text-ink-3" onClick={onClose}>
        <X size={16} />
      </button>
    </div>
  );
}
