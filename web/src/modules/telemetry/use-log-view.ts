import { useMemo, useState } from "react";
import { useSession } from "../../lib/session.tsx";
import { useUrl } from "../../lib/url.ts";
import { type LogQuery, parseLogQuery, timeRange } from "./log-query.ts";
import type { Scope } from "./telemetry-api.ts";

/** Which part of the log is looked at. */
export interface LogView {
  project: string;
  scope: Scope;
  /** The query as somebody wrote it, and as the store takes it. */
  q: string;
  asked: LogQuery;
  range: { fromMs: number; toMs: number };
  /** Whether new lines are followed as they are written; nothing is searched then. */
  live: "on" | "off";
  /** Lets a span that ends now end at this moment. */
  lookAgain: () => void;
}

/** The part of the log that the address names. */
export function useLogView(project: string): LogView {
  const { can } = useSession();
  const [url] = useUrl();
  const [now, setNow] = useState(() => Date.now());
  const q = url.q ?? "";
  const asked = useMemo(() => parseLogQuery(q), [q]);
  const range = useMemo(() => timeRange(url, now), [url, now]);
  return {
    project,
    scope: url.scope === "instance" && can("instance:read") ? "instance" : "project",
    ...{ q, asked, range },
    live: url.live === "1" ? "on" : "off",
    lookAgain: () => setNow(Date.now()),
  };
}
