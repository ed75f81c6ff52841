import type { MonitorSettings } from "@atrium/contract/monitoring";
import { addressOf } from "../../lib/api.ts";
import { apiCode, type SameAsCode } from "../../lib/code.tsx";

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
    `  -d '${JSON.stringify(body, undefined, 1).replaceAll(/\n\s*/g, " ")}'`,
  ].join("\n");
}
