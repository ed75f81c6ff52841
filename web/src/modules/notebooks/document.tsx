import type { NotebookDocument } from "@atrium/contract/notebooks";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import { Cell } from "./cell.tsx";

interface Read {
  data: NotebookDocument | undefined;
  error: unknown;
  refetch: () => Promise<unknown>;
}

/** A notebook to be read: every cell with its outputs, in its order. */
export function DocumentView({ read }: { read: Read }) {
  const { data: document, error, refetch } = read;
  if (error && !document) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!document) return <Skeleton rows={10} />;
  if (document.cells.length === 0)
    return <EmptyState title="No cells">Open it in JupyterLab to write the first one.</EmptyState>;
  return (
    <ol aria-label="Cells" className="flex flex-col gap-5 px-4 py-5">
      {document.cells.map((cell, at) => (
        <Cell key={cell.id || at} cell={cell} language={document.language} number={at + 1} />
      ))}
      {document.cut && (
        <li className="text-ink-3 sm:pl-16">
          There are more cells; open the notebook in JupyterLab to see all of them.
        </li>
      )}
    </ol>
  );
}
