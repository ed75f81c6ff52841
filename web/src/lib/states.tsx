import { RotateCw } from "lucide-react";
import type { ReactNode } from "react";
import { ApiError } from "./api.ts";
import { CodeBlock } from "./code.tsx";
import { CopyButton } from "./copy.tsx";

/** What failed, in the server's words, with the request id to hand on and a way to try again. */
export function ErrorState({
  error,
  onRetry,
  heading: Heading = "h2",
}: {
  error: unknown;
  onRetry?: (() => void) | undefined;
  /** `h1` where it is the whole page. */
  heading?: "h1" | "h2";
}) {
  const message = error instanceof Error ? error.message : String(error);
  const requestId = error instanceof ApiError ? error.requestId : "";
  const title =
    error instanceof ApiError && error.code === "not_found" ? "Nothing here" : "This did not work";
  return (
    <div role="alert" className="mx-auto flex max-w-lg flex-col items-center gap-3 px-4 py-16 text-center">
      <Drawing kind="broken" />
      <Heading className="text-base">{title}</Heading>
      <p className="text-ink-2">{message}</p>
      {requestId && (
        <p className="flex items-center gap-1 text-ink-3 text-xs">
          Request <code>{requestId}</code>
          <CopyButton text={requestId} what="request id" />
        </p>
      )}
      {onRetry && (
        <button type="button" className="button" onClick={onRetry}>
          <RotateCw size={14} /> Try again
        </button>
      )}
    </div>
  );
}

/** An empty place teaches: one sentence, one command that is already right, at most one button. */
export function EmptyState({
  title,
  children,
  command,
  action,
  drawing = "table",
  heading: Heading = "h2",
}: {
  title: string;
  /** `h1` where it is the whole page. */
  heading?: "h1" | "h2";
  children?: ReactNode;
  command?: string;
  action?: ReactNode;
  drawing?: DrawingKind;
}) {
  return (
    <div className="mx-auto flex w-full max-w-xl flex-col items-center gap-3 px-4 py-12 text-center">
      <Drawing kind={drawing} />
      <Heading className="text-base">{title}</Heading>
      {children && <p className="text-ink-2">{children}</p>}
      {command && (
        <div className="w-full text-left">
          <CodeBlock code={command} />
        </div>
      )}
      {action}
    </div>
  );
}

/** Grey bars that appear only when the wait can be felt. */
export function Skeleton({ rows = 6 }: { rows?: number }) {
  return (
    <div className="flex flex-col gap-3 p-4" aria-busy="true" aria-label="Loading" role="status">
      {Array.from({ length: rows }, (_, i) => (
        <div key={i} className="skeleton h-4" style={{ width: `${90 - ((i * 17) % 45)}%` }} />
      ))}
    </div>
  );
}

type DrawingKind = "table" | "chart" | "flow" | "broken";
const LINES: Record<DrawingKind, string> = {
  table: "M6 10h52v32H6zM6 20h52M24 20v22M6 31h52",
  chart: "M8 6v36h50M14 34l10-10 8 5 12-16 10 6",
  flow: "M6 19h12v10H6zM28 8h12v10H28zM28 30h12v10H28zM50 19h8v10h-8zM18 24h5V13h5M18 24h5v11h5M40 13h5v11h5M40 35h5V24",
  broken: "M8 8h20l-4 10 6 6-5 16H8zM56 8H36l-3 9 5 7-4 16h22z",
};

function Drawing({ kind }: { kind: DrawingKind }) {
  return (
    <svg
      viewBox="0 0 64 48"
      width="80"
      height="60"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinejoin="round"
      className="text-ink-3"
      aria-hidden="true"
    >
      <path d={LINES[kind]} />
    </svg>
  );
}
