import type { NotebookFile } from "@atrium/contract/notebooks";
import { ConfirmByTyping } from "../../lib/dialog.tsx";
import { useFarewell, useFresh } from "../../lib/fresh.ts";
import { useGo } from "../../lib/link.tsx";
import { NameDialog } from "../../lib/name-dialog.tsx";
import { paths } from "../../lib/paths.ts";
import { moveFile, NOTEBOOK_READS, removeFile } from "./notebooks-api.ts";

export type FileOver = "move" | "delete";

/** Gives a file another path, or takes it away with its versions. */
export function FileDialogs({
  project,
  file,
  over,
  onClose,
}: {
  project: string;
  file: NotebookFile;
  over: FileOver;
  onClose: () => void;
}) {
  const go = useGo();
  const fresh = useFresh(NOTEBOOK_READS);
  const farewell = useFarewell(NOTEBOOK_READS);
  const name = file.path.split("/").at(-1) ?? file.path;
  if (over === "move")
    return (
      <NameDialog
        title={`Move ${name}`}
        name={file.path}
        help="The whole path. Its versions go with it."
        onName={async (to) => {
          await fresh(() => moveFile({ project, body: { from: file.path, to } }));
          go(paths.notebook(project, to), "replace");
        }}
        onClose={onClose}
      />
    );
  return (
    <ConfirmByTyping
      title={`Delete ${name}`}
      name={name}
      verb="Delete with its versions"
      explains="All versions go, for good. What ran as a job keeps its outputs."
      onConfirm={() =>
        farewell(
          () => removeFile({ project, query: { path: file.path } }),
          () => go(paths.notebooks(project)),
        )
      }
      onClose={onClose}
    />
  );
}
