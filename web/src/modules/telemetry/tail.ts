import type { LogLine } from "@atrium/contract/telemetry";
import { useEffect, useState } from "react";
import { addressOf } from "../../lib/api.ts";
import type { LogView } from "./use-log-view.ts";

// What a person can still scroll through; older lines are in the store.
const KEPT_MAX = 5000;

/** New lines as they are written, newest first, while the view is live. */
export function useTail({ scope, project, asked, live }: LogView): readonly LogLine[] {
  const [lines, setLines] = useState<readonly LogLine[]>([]);
  const { labels, text } = asked;
  useEffect(() => {
    setLines([]);
    if (live === "off") return;
    const address = addressOf(scope === "instance" ? "/instance/logs/tail" : "/logs/tail", {
      ...(scope === "project" ? { project } : {}),
      query: { labels, text },
    });
    const source = new EventSource(address);
    let waiting: LogLine[] = [];
    let frame = 0;
    source.onmessage = (message) => {
      waiting.unshift(JSON.parse(message.data) as LogLine);
      // A burst of lines is one drawing.
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        const more = waiting;
        waiting = [];
        setLines((now) => [...more, ...now].slice(0, KEPT_MAX));
      });
    };
    return () => {
      source.close();
      cancelAnimationFrame(frame);
    };
  }, [scope, project, labels, text, live]);
  return lines;
}
