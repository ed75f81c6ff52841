import type { Incident } from "@atrium/contract/monitoring";
import { Link } from "../../lib/link.tsx";
import { Facts } from "../../lib/page.tsx";
import { paths } from "../../lib/paths.ts";
import { metricText } from "./metric-words.ts";
import { useMonitor } from "./monitoring-api.ts";
import { windowWords } from "./window-words.ts";

/** What fired, in which window, and what its value is now; the window leads to the column as it was then. */
export function IncidentFacts({ project, incident }: { project: string; incident: Incident }) {
  const { monitorId, monitor: name, metric, column, segment, value, lastValue, state } = incident;
  const { data: monitor } = useMonitor({ project, monitor: monitorId });
  const at = (startMs: number) => {
    const words = windowWords({ startMs, endMs: startMs + (monitor?.windowMs ?? 3_600_000) });
    const place = new URLSearchParams({
      tab: column === undefined ? "segments" : "drift",
      window: String(startMs),
      ...(segment === "all" ? {} : { segment }),
      ...(column === undefined ? {} : { peek: column }),
    });
    return (
      <Link className="link underline" to={`${paths.monitor(project, monitorId)}?${place}`}>
        {words}
      </Link>
    );
  };
  return (
    <Facts
      items={[
        [
          "Monitor",
          <Link key="monitor" className="link" to={paths.monitor(project, monitorId)}>
            {name}
          </Link>,
        ],
        [
          "Opened by",
          <span key="opened">
            {metricText(metric, value)} in {at(incident.windowStartMs)}
          </span>,
        ],
        [
          state === "resolved" ? "Resolved at" : "Now",
          <span key="now">
            {metricText(metric, lastValue)} in {at(incident.lastWindowStartMs)}
          </span>,
        ],
        ...(column === undefined ? [] : ([["Feature", column]] as const)),
        ...(segment === "all" ? [] : ([["Segment", segment]] as const)),
      ]}
    />
  );
}
