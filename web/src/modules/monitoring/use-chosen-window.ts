import type { Monitor, MonitorWindow } from "@atrium/contract/monitoring";
import { useUrl } from "../../lib/url.ts";
import { useWindows } from "./monitoring-api.ts";
import { firstToSee } from "./worst.ts";

export interface ChosenWindow {
  /** Newest first. */
  windows: readonly MonitorWindow[];
  chosen: MonitorWindow | undefined;
  choose: (startMs: number) => void;
  isPending: boolean;
}

/** The window that the page is about: the one in the address, or the newest that says something. */
export function useChosenWindow(project: string, monitor: Monitor): ChosenWindow {
  const [url, setUrl] = useUrl();
  const { rows, isPending } = useWindows({ project, monitor: monitor.id });
  const asked = Number(url.window);
  const chosen = rows.find(({ startMs }) => startMs === asked) ?? firstToSee(rows);
  return {
    windows: rows,
    chosen,
    choose: (startMs) => setUrl({ window: String(startMs) }),
    isPending,
  };
}

/** Every part of a monitor's rows that its windows are computed for. */
export function segmentNames({ source, segments }: Monitor): string[] {
  const cohorts = source.kind === "endpoint" ? ["known", "new"] : [];
  return ["all", ...cohorts, ...segments.map(({ name }) => name)];
}

/** The segment in the address, or all rows. */
export function useSegment(monitor: Monitor): [string, (name: string) => void] {
  const [url, setUrl] = useUrl();
  const segment = segmentNames(monitor).find((name) => name === url.segment) ?? "all";
  return [segment, (name) => setUrl({ segment: name === "all" ? undefined : name })];
}
