import { DocumentView } from "./document.tsx";
import { useRunDocument } from "./notebooks-api.ts";

/** The executed notebook, live while it runs: the stream says when a cell is done. */
export function NotebookRunCells({ project, run }: { project: string; run: string }) {
  return <DocumentView read={useRunDocument(project, run)} />;
}
