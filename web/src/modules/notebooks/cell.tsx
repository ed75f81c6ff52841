import type { NotebookCell } from "@atrium/contract/notebooks";
import { useMemo } from "react";
import { CopyButton } from "../../lib/copy.tsx";
import { Markdown } from "../../lib/markdown-view.tsx";
import { Elapsed, Status } from "../../lib/words.tsx";
import { highlight, type Token } from "./highlight.ts";
import { Output } from "./output.tsx";

const COLOURS: Record<Token["kind"], string> = {
  plain: "",
  keyword: "text-accent",
  string: "text-good",
  comment: "text-ink-3",
  number: "text-warn",
  decorator: "text-running",
  magic: "text-running",
};

/** One cell: its number, its source, how it went when it ran as a job, and what came of it. */
export function Cell({ cell, language, number }: { cell: NotebookCell; language: string; number: number }) {
  if (cell.kind === "markdown")
    return (
      <li className="max-w-4xl sm:pl-16">
        <Markdown text={cell.source} heading="h2" />
      </li>
    );
  return (
    <li
      id={`cell-${number}`}
      aria-label={`Cell ${number}`}
      className="grid gap-x-3 gap-y-2 sm:grid-cols-[3.25rem_minmax(0,1fr)]"
    >
      <span className="mono pt-2 text-ink-3 max-sm:hidden sm:text-right">
        {cell.kind === "code" && `[${countOf(cell)}]`}
      </span>
      <div className="flex min-w-0 flex-col gap-2">
        <Source cell={cell} language={language} />
        {cell.outputs.length > 0 && (
          <div className="flex min-w-0 flex-col gap-2 px-1">
            {cell.outputs.map((output, at) => (
              <Output key={at} output={output} name={`Output ${at + 1} of cell ${number}`} />
            ))}
          </div>
        )}
      </div>
    </li>
  );
}

function Source({ cell, language }: { cell: NotebookCell; language: string }) {
  const tokens = useMemo(
    () => highlight(cell.source, cell.kind === "code" ? language : ""),
    [cell.source, cell.kind, language],
  );
  const tag = cell.tags.find((one) => one === "parameters" || one === "injected-parameters");
  return (
    <div
      className={`rounded-md border bg-sunken ${cell.state === "failed" ? "border-bad" : cell.state === "running" ? "border-running" : "border-line"}`}
    >
      {(cell.state !== null || tag) && (
        <p className="flex min-h-7 items-center gap-3 border-line border-b px-3 text-xs">
          {tag && (
            <span className="text-ink-3">{tag === "parameters" ? "parameters" : "parameters as given"}</span>
          )}
          {cell.state !== null && (
            <span className="ml-auto flex items-center gap-2">
              {cell.startedMs !== null && (
                <span className="text-ink-3">
                  <Elapsed from={cell.startedMs} to={cell.endedMs} />
                </span>
              )}
              <CellState state={cell.state} />
            </span>
          )}
        </p>
      )}
      <div className="relative">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long line scrolls, so the keyboard must reach it. */}
        <pre className="overflow-x-auto p-3 pr-10" tabIndex={0}>
          <code>
            {tokens.map(({ kind, text }, at) => (
              <span key={at} className={COLOURS[kind]}>
                {text}
              </span>
            ))}
          </code>
        </pre>
        <span className="absolute top-2 right-2 bg-sunken">
          <CopyButton text={cell.source} what="cell" />
        </span>
      </div>
    </div>
  );
}

const WORDS = {
  pending: ["queued", "Waits"],
  running: ["running", "Runs"],
  completed: ["succeeded", "Done"],
  failed: ["failed", "Failed"],
  cancelled: ["cancelled", "Cancelled"],
} as const;

function CellState({ state }: { state: keyof typeof WORDS }) {
  const [status, word] = WORDS[state];
  return <Status status={status} word={word} />;
}

function countOf({ state, executionCount }: NotebookCell): string {
  if (state === "running") return "*";
  return executionCount === null ? " " : String(executionCount);
}
