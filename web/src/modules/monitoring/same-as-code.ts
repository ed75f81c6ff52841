import type { Monitor, MonitorSettings } from "@atrium/contract/monitoring";
import { addressOf } from "../../lib/api.ts";
import { apiCode, curlOf, type SameAsCode } from "../../lib/code.tsx";

export function monitorsCode(project: string): SameAsCode {
  return apiCode({
    path: addressOf("/monitors", { project }),
    cli: `atrium monitors list --project ${project}\natrium incidents list --state unresolved --project ${project}`,
  });
}

export function monitorCode(project: string, monitor: string): SameAsCode {
  return apiCode({
    path: addressOf("/monitors/:monitor/series", {
      project,
      params: { monitor },
      query: { segment: "all" },
    }),
    cli: `atrium monitors show '${monitor}' --project ${project}\natrium monitors run '${monitor}' --project ${project}`,
  });
}

export function incidentCode(project: string, incident: string): SameAsCode {
  return apiCode({
    path: addressOf("/incidents/:incident/acknowledge", { project, params: { incident } }),
    method: "POST",
    body: { note: "" },
    cli: `atrium incidents ack ${incident} --project ${project}\natrium incidents resolve ${incident} --project ${project}`,
  });
}

/** What the form would send. */
export function newMonitorCode(project: string, body: MonitorSettings): SameAsCode {
  return apiCode({ path: addressOf("/monitors", { project }), method: "POST", body });
}

/** A first monitor: an endpoint by the hour, against the dataset that its model learnt from. */
export function firstMonitorCode(project: string, token: string): string {
  const body = {
    name: "flight-delay",
    source: { kind: "endpoint", endpoint: "flight-delay" },
    reference: { kind: "dataset", dataset: "flights" },
    columns: [{ name: "input_distance", kind: "number" }],
    windowMs: 3_600_000,
  };
  return [
    `curl '${location.origin}${addressOf("/monitors", { project })}' \\`,
    `  -H 'Authorization: Bearer ${token}' \\`,
    "  -H 'Content-Type: application/json' \\",
    `  -d '${JSON.stringify(body, undefined, 2)}'`,
  ].join("\n");
}

/** Says which column holds the prediction, so that labels can be compared with it. */
export function performanceCode(project: string, monitor: Monitor): string {
  const output = monitor.columns.find(({ role }) => role === "output")?.name;
  const label = monitor.source.kind === "dataset" ? { label: "delay" } : {};
  const performance = { task: "regression", prediction: output ?? "output_delay", ...label };
  const path = addressOf("/monitors/:monitor", { project, params: { monitor: monitor.name } });
  return curlOf(path, "PATCH", { performance });
}
