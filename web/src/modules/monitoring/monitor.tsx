import type { Monitor } from "@atrium/contract/monitoring";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { CodeDialog } from "../../lib/code-dialog.tsx";
import { ConfirmByTyping } from "../../lib/dialog.tsx";
import { useFarewell } from "../../lib/fresh.ts";
import { LineageRibbon } from "../../lib/lineage-ribbon.tsx";
import { useGo } from "../../lib/link.tsx";
import { MoreMenu } from "../../lib/menu.tsx";
import { ObjectHeader } from "../../lib/page.tsx";
import { paths } from "../../lib/paths.ts";
import { useProject, useSession } from "../../lib/session.tsx";
import { ErrorState, Skeleton } from "../../lib/states.tsx";
import { MonitorHealth } from "./health.tsx";
import { MonitorDialog } from "./monitor-dialog.tsx";
import { MonitorTabs } from "./monitor-tabs.tsx";
import { deleteMonitor, MONITORING_READS, useMonitor } from "./monitoring-api.ts";
import { monitorCode } from "./same-as-code.ts";
import { ReferenceLink, SourceLink } from "./source-links.tsx";
import { useMonitorActions } from "./use-monitor-actions.ts";
import { lengthWords } from "./window-words.ts";

/** One monitor: is it well, what moved, what alarms. */
export function MonitorScreen() {
  const project = useProject();
  const { monitor: name = "" } = useParams({ strict: false }) as { monitor?: string };
  const { data, error, refetch } = useMonitor({ project, monitor: name });
  if (error && !data) return <ErrorState heading="h1" error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton rows={10} />;
  return <MonitorPage project={project} monitor={data} />;
}

type Over = "code" | "edit" | "delete" | undefined;

function MonitorPage({ project, monitor }: { project: string; monitor: Monitor }) {
  const [over, setOver] = useState<Over>();
  const close = () => setOver(undefined);
  return (
    <>
      <ObjectHeader
        kind="Monitor"
        name={monitor.name}
        id={monitor.id}
        facts={
          <>
            <MonitorHealth monitor={monitor} />
            <SourceLink project={project} source={monitor.source} />
            <span>
              against <ReferenceLink project={project} reference={monitor.reference} />
            </span>
            <span>windows of {lengthWords(monitor.windowMs)}</span>
          </>
        }
        actions={<MonitorMenu project={project} monitor={monitor} onOver={setOver} />}
      />
      <SourceRibbon project={project} monitor={monitor} />
      {monitor.problem !== undefined && (
        <p role="alert" className="mx-4 mb-2 rounded-md bg-bad-soft px-3 py-1.5 text-bad">
          {monitor.problem}
        </p>
      )}
      <MonitorTabs project={project} monitor={monitor} />
      {over === "code" && <CodeDialog code={monitorCode(project, monitor.name)} onClose={close} />}
      {over === "edit" && <MonitorDialog project={project} monitor={monitor} onClose={close} />}
      {over === "delete" && <DeleteMonitor project={project} monitor={monitor} onClose={close} />}
    </>
  );
}

function MonitorMenu({
  project,
  monitor,
  onOver,
}: {
  project: string;
  monitor: Monitor;
  onOver: (over: Over) => void;
}) {
  const { can } = useSession();
  const actions = useMonitorActions(project, monitor);
  const isPaused = monitor.state === "paused";
  const runs = isPaused
    ? []
    : [
        { title: "Compute what is due", run: () => void actions.run("due") },
        { title: "Compute every window anew", run: () => void actions.run("again") },
      ];
  return (
    <MoreMenu
      items={[
        { title: "Copy as code", run: () => onOver("code") },
        ...(can("monitor:write")
          ? [
              { title: "Edit", run: () => onOver("edit") },
              { title: isPaused ? "Resume" : "Pause", run: () => void actions.toggle() },
              ...runs,
              "line" as const,
              { title: "Delete", danger: "yes", run: () => onOver("delete") },
            ]
          : []),
      ]}
    />
  );
}

/** Where what is watched comes from: the endpoint's line, or the reference's, which has versions. */
function SourceRibbon({ project, monitor: { source, reference } }: { project: string; monitor: Monitor }) {
  if (source.kind === "endpoint")
    return <LineageRibbon project={project} type="endpoint" id={source.endpoint} />;
  if (reference.kind === "dataset" && reference.version !== undefined)
    return (
      <LineageRibbon
        project={project}
        type="dataset"
        id={reference.dataset}
        version={String(reference.version)}
      />
    );
  return null;
}

function DeleteMonitor({
  project,
  monitor,
  onClose,
}: {
  project: string;
  monitor: Monitor;
  onClose: () => void;
}) {
  const go = useGo();
  const farewell = useFarewell(MONITORING_READS);
  return (
    <ConfirmByTyping
      title="Delete the monitor"
      name={monitor.name}
      verb="Delete"
      explains="Its windows, rules and incidents go with it. What it watches stays as it is. This cannot be undone."
      onConfirm={() =>
        farewell(
          () => deleteMonitor({ project, params: { monitor: monitor.id } }),
          () => go(paths.monitoring(project), "replace"),
        )
      }
      onClose={onClose}
    />
  );
}
