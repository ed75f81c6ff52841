import type { Delivery, Incident } from "@atrium/contract/monitoring";
import { Bell, Check, CircleAlert, Eye, type LucideIcon, Workflow } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import { Ago } from "../../lib/words.tsx";
import { AlertDeliveryState } from "./alert-delivery-state.tsx";
import { metricText } from "./metric-words.ts";
import { useDeliveries } from "./monitoring-api.ts";

interface Moment {
  key: string;
  atMs: number;
  icon: LucideIcon;
  content: ReactNode;
}

/** What happened, in order: what fired, who was told, what was started, who looked after it, how it ended. */
export function IncidentTimeline({ project, incident }: { project: string; incident: Incident }) {
  const { rows } = useDeliveries(project, { incidentId: incident.id });
  const moments = [...momentsOf(incident), ...rows.map((row) => toldOf(project, incident, row))].sort(
    (a, b) => a.atMs - b.atMs,
  );
  return (
    <section aria-label="Timeline">
      <h2 className="mb-2">Timeline</h2>
      <ol className="flex flex-col">
        {moments.map(({ key, atMs, icon: Icon, content }, index) => (
          <li key={key} className="grid grid-cols-[20px_minmax(0,1fr)_auto] gap-x-2">
            <span className="flex flex-col items-center" aria-hidden>
              <Icon size={14} className="mt-1 shrink-0 text-ink-3" />
              {index < moments.length - 1 && <span className="my-1 w-px flex-1 bg-line" />}
            </span>
            <div className="min-w-0 pb-3">{content}</div>
            <span className="text-ink-3">
              <Ago at={atMs} />
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function momentsOf(incident: Incident): Moment[] {
  const { metric, value, comparison, threshold, note } = incident;
  const moments: Moment[] = [
    {
      key: "opened",
      atMs: incident.openedMs,
      icon: CircleAlert,
      content: (
        <>
          <span className="font-medium">Opened</span> by the rule {incident.rule}: {metricText(metric, value)}{" "}
          is {comparison} {metricText(metric, threshold)}
        </>
      ),
    },
  ];
  const noteOf = note && <p className="whitespace-pre-wrap text-ink-2">{note}</p>;
  if (incident.acknowledgedMs !== undefined)
    moments.push({
      key: "acknowledged",
      atMs: incident.acknowledgedMs,
      icon: Eye,
      content: (
        <>
          <span className="font-medium">Acknowledged</span> by {incident.acknowledgedBy}
          {incident.resolvedBy === undefined && noteOf}
        </>
      ),
    });
  if (incident.resolvedMs !== undefined)
    moments.push({
      key: "resolved",
      atMs: incident.resolvedMs,
      icon: Check,
      content: (
        <>
          <span className="font-medium">Resolved</span>{" "}
          {incident.resolvedBy === undefined
            ? `by itself: the values are back, ${metricText(metric, incident.lastValue)}`
            : `by ${incident.resolvedBy}`}
          {incident.resolvedBy !== undefined && noteOf}
        </>
      ),
    });
  return moments;
}

function toldOf(project: string, { pipelineRunId }: Incident, delivery: Delivery): Moment {
  const isPipeline = delivery.target === "pipeline";
  return {
    key: delivery.id,
    atMs: delivery.createdMs,
    icon: isPipeline ? Workflow : Bell,
    content: (
      <>
        <span className="flex flex-wrap items-center gap-x-2">
          {isPipeline ? (
            <span>
              Pipeline{" "}
              <Link className="link" to={paths.pipeline(project, delivery.name)}>
                {delivery.name}
              </Link>
            </span>
          ) : (
            <span>
              Told <span className="font-medium">{delivery.name}</span>
            </span>
          )}
          <AlertDeliveryState delivery={delivery} />
          {isPipeline && pipelineRunId !== undefined && (
            <Link className="link" to={paths.pipelineRun(project, pipelineRunId)}>
              the run it started
            </Link>
          )}
        </span>
        {delivery.lastError !== undefined && <p className="text-bad text-xs">{delivery.lastError}</p>}
      </>
    ),
  };
}
