import { useState } from "react";
import { Dialog } from "../../lib/dialog.tsx";
import { FormError, TextField, useSubmit } from "../../lib/form.tsx";
import { useFresh } from "../../lib/fresh.ts";
import { useGo } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import { addFile, NOTEBOOK_READS } from "./notebooks-api.ts";

/** Makes a notebook with one empty cell; its page is where it opens. */
export function NewNotebook({ project, onClose }: { project: string; onClose: () => void }) {
  const go = useGo();
  const fresh = useFresh(NOTEBOOK_READS);
  const [name, setName] = useState("");
  const form = useSubmit(async () => {
    const path = name.trim().endsWith(".ipynb") ? name.trim() : `${name.trim()}.ipynb`;
    const bytes = new Blob([JSON.stringify(emptyNotebook(), null, 1)]);
    await addFile(project, path, bytes);
    await fresh(async () => undefined);
    go(paths.notebook(project, path));
  });
  return (
    <Dialog title="New notebook" onClose={onClose}>
      <form className="flex flex-col gap-3" onSubmit={form.onSubmit}>
        <TextField
          label="Path"
          help="Folders are made with it, such as reports/monthly.ipynb."
          required
          placeholder="explore.ipynb"
          autoComplete="off"
          value={name}
          error={form.errorAt("path")}
          onChange={(event) => setName(event.target.value)}
        />
        {!form.errorAt("path") && <FormError error={form.error} />}
        <button
          type="submit"
          className="button button-primary self-end"
          disabled={form.busy || name.trim() === ""}
        >
          Create
        </button>
      </form>
    </Dialog>
  );
}

/** Format 4.5 of nbformat: https://nbformat.readthedocs.io/en/latest/format_description.html */
function emptyNotebook(): object {
  const id = crypto.randomUUID().slice(0, 8);
  return {
    cells: [{ cell_type: "code", execution_count: null, id, metadata: {}, outputs: [], source: [] }],
    metadata: {
      kernelspec: { display_name: "Python 3 (ipykernel)", language: "python", name: "python3" },
      language_info: { name: "python" },
    },
    nbformat: 4,
    nbformat_minor: 5,
  };
}
