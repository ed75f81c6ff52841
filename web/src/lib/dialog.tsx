import { X } from "lucide-react";
import { type FormEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";

/** A modal in the browser's own top layer: focus stays in, Esc closes, no library. */
export function Dialog({
  title,
  onClose,
  children,
  wide = "normal",
}: {
  title: string;
  onClose: () => void;
  children: ReactNode;
  wide?: "normal" | "wide";
}) {
  const element = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const dialog = element.current;
    const before = document.activeElement;
    dialog?.showModal();
    // A form is opened to be filled in: its first field is where typing begins.
    dialog?.querySelector<HTMLElement>("form input, form select, form textarea")?.focus();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Esc is the keyboard's way out and comes with the element.
    <dialog
      ref={element}
      aria-labelledby={heading}
      className={`card max-h-[calc(100dvh-32px)] w-[calc(100vw-32px)] overflow-auto bg-raised p-0 shadow-2xl ${wide === "wide" ? "max-w-3xl" : "max-w-md"}`}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === element.current) onClose();
      }}
    >
      <div className="p-4">
        <header className="mb-3 flex items-center justify-between gap-4">
          <h2 id={heading} className="text-base">
            {title}
          </h2>
          <button
            type="button"
            className="button button-plain button-icon"
            aria-label="Close"
            onClick={onClose}
          >
            <X size={16} />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}

/** For what no undo can mend: the name has to be typed. */
export function ConfirmByTyping({
  title,
  name,
  explains,
  verb,
  onConfirm,
  onClose,
}: {
  title: string;
  name: string;
  explains: ReactNode;
  verb: string;
  onConfirm: () => Promise<unknown>;
  onClose: () => void;
}) {
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const confirm = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      await onConfirm();
      onClose();
    } catch {
      setBusy(false); // Whoever gave `onConfirm` has shown the error.
    }
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={confirm} className="flex flex-col gap-3">
        <div className="text-ink-2">{explains}</div>
        <label className="flex flex-col gap-1">
          <span>
            Type <strong className="select-all">{name}</strong> to go on
          </span>
          <input
            className="field"
            value={typed}
            onChange={(e) => setTyped(e.target.value)}
            autoComplete="off"
            spellCheck={false}
          />
        </label>
        <div className="flex justify-end gap-2">
          <button type="button" className="button" onClick={onClose}>
            Keep it
          </button>
          <button type="submit" className="button button-danger" disabled={typed !== name || busy}>
            {verb}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
