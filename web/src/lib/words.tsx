import { Ban, CircleAlert, CircleCheck, CircleDashed, LoaderCircle } from "lucide-react";
import { useEffect, useState } from "react";
import { formatAgo, formatBytes, formatDuration, formatNumber, formatTime } from "./format.ts";

const STATUSES = {
  queued: { icon: CircleDashed, colour: "text-queued", word: "Queued" },
  running: { icon: LoaderCircle, colour: "text-running", word: "Running" },
  succeeded: { icon: CircleCheck, colour: "text-good", word: "Finished" },
  failed: { icon: CircleAlert, colour: "text-bad", word: "Failed" },
  cancelled: { icon: Ban, colour: "text-warn", word: "Cancelled" },
} as const;
export type StatusTone = keyof typeof STATUSES;

const TONES: Record<string, StatusTone> = {
  scheduled: "queued",
  pending: "queued",
  queued: "queued",
  running: "running",
  finished: "succeeded",
  succeeded: "succeeded",
  ready: "succeeded",
  active: "succeeded",
  failed: "failed",
  killed: "cancelled",
  cancelled: "cancelled",
  deleted: "cancelled",
};

/** Any module's status as one of the five tones. */
function statusTone(status: string): StatusTone {
  return TONES[status.toLowerCase()] ?? "queued";
}

/** A status never speaks by colour alone: it has an icon and a word. */
export function Status({ status, word }: { status: string; word?: string }) {
  const tone = statusTone(status);
  const { icon: Icon, colour, word: usual } = STATUSES[tone];
  return (
    <span className={`inline-flex items-center gap-1.5 whitespace-nowrap ${colour}`}>
      <Icon size={14} aria-hidden className={tone === "running" ? "breathe" : ""} />
      {word ?? (status.toLowerCase() === "ready" ? "Ready" : usual)}
    </span>
  );
}

const tickers = new Set<() => void>();
let ticking: ReturnType<typeof setInterval> | undefined;

/** The time, renewed for everybody by one clock. */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const tick = () => setNow(Date.now());
    tickers.add(tick);
    ticking ??= setInterval(() => {
      for (const one of tickers) one();
    }, 5000);
    return () => {
      tickers.delete(tick);
      if (tickers.size === 0) {
        clearInterval(ticking);
        ticking = undefined;
      }
    };
  }, []);
  return now;
}

/** Relative on screen, absolute on hover. */
export function Ago({ at }: { at: number | null | undefined }) {
  const now = useNow();
  if (at === null || at === undefined) return <span className="text-ink-3">–</span>;
  return (
    <time dateTime={new Date(at).toISOString()} title={formatTime(at)} className="whitespace-nowrap">
      {formatAgo(at, now)}
    </time>
  );
}

/** How long something took, or has been taking. */
export function Elapsed({ from, to }: { from: number | null | undefined; to: number | null | undefined }) {
  const now = useNow();
  if (from === null || from === undefined) return <span className="text-ink-3">–</span>;
  return <span className="nums whitespace-nowrap">{formatDuration((to ?? Math.max(now, from)) - from)}</span>;
}

export function Num({ value }: { value: number | string | null | undefined }) {
  return (
    <span
      className="nums whitespace-nowrap"
      title={value === null || value === undefined ? undefined : String(value)}
    >
      {formatNumber(value)}
    </span>
  );
}

export function Bytes({ value }: { value: number | null | undefined }) {
  return (
    <span
      className="nums whitespace-nowrap"
      title={value === null || value === undefined ? undefined : `${value} bytes`}
    >
      {formatBytes(value)}
    </span>
  );
}
