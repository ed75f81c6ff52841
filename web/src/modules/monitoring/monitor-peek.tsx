import type { Monitor } from "@atrium/contract/monitoring";
import { Facts } from "../../lib/page.tsx";
import { MonitorHealth } from "./health.tsx";
import { OpenIncidents } from "./open-incidents.tsx";
import { ReferenceLink, SourceLink } from "./source-links.tsx";
import { lengthWords } from "./window-words.ts";
import { WorstFeatures } from "./worst-features.tsx";

/** What one wants to know of a monitor before opening it. */
export function MonitorPeek({ project, monitor }: { project: string; monitor: Monitor }) {
  return (
    <div className="flex flex-col gap-4 p-4">
      {monitor.problem !== undefined && (
        <p className="rounded-md bg-bad-soft px-3 py-2 text-bad">{monitor.problem}</p>
      )}
      {monitor.description && <p className="text-ink-2">{monitor.description}</p>}
      <Facts
        items={[
          ["State", <MonitorHealth key="state" monitor={monitor} />],
          ["Watches", <SourceLink key="source" project={project} source={monitor.source} />],
          ["Against", <ReferenceLink key="reference" project={project} reference={monitor.reference} />],
          ["Windows of", lengthWords(monitor.windowMs)],
          ["Created by", monitor.createdBy],
        ]}
      />
      <OpenIncidents project={project} monitor={monitor} />
      <WorstFeatures project={project} monitor={monitor} />
    </div>
  );
}
