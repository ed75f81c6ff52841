import { useState } from "react";
import { Dialog } from "./dialog.tsx";
import { FormError, TextField, useSubmit } from "./form.tsx";

/** Asks for another name. */
export function NameDialog({
  title,
  name,
  help,
  onName,
  onClose,
}: {
  title: string;
  name: string;
  help?: string;
  onName: (name: string) => Promise<unknown>;
  onClose: () => void;
}) {
  const [text, setText] = useState(name);
  const form = useSubmit(async () => {
    if (text.trim() !== name) await onName(text.trim());
    onClose();
  });
  return (
    <Dialog title={title} onClose={onClose}>
      <form className="flex flex-col gap-3" onSubmit={form.onSubmit}>
        <TextField
          label="Name"
          help={help}
          required
          value={text}
          onChange={(event) => setText(event.target.value)}
          onFocus={(event) => event.target.select()}
        />
        <FormError error={form.error} />
        <button
          type="submit"
          className="button button-primary self-end"
          disabled={form.busy || text.trim() === ""}
        >
          Rename
        </button>
      </form>
    </Dialog>
  );
}
