import { Activity } from "lucide-react";
import { paths } from "../../lib/paths.ts";
import type { Room } from "../../lib/room.ts";

const FOUND_MAX = 8;

export const monitoringRoom: Room = {
  id: "monitoring",
  title: "Monitoring",
  group: "Watch",
  icon: Activity,
  path: "/p/$project/monitoring",
  key: "o",
  needs: ["monitor:read"],
  screens: [
    {
      path: "/p/$project/monitoring",
      load: () => import("./monitoring.tsx").then((module) => module.MonitoringScreen),
    },
    {
      path: "/p/$project/monitoring/new",
      load: () => import("./new-monitor.tsx").then((module) => module.NewMonitorScreen),
    },
    {
      path: "/p/$project/monitoring/monitors/$monitor",
      load: () => import("./monitor.tsx").then((module) => module.MonitorScreen),
    },
    {
      path: "/p/$project/monitoring/incidents/$incident",
      load: () => import("./incident.tsx").then((module) => module.IncidentScreen),
    },
  ],
  station: () => import("./monitoring-station.tsx").then((module) => module.MonitoringStation),
  stale: {
    monitor: ["/monitors"],
    // A rule's threshold is drawn on its monitor's charts.
    "alert-rule": ["/alert-rules", "/monitors"],
    incident: ["/incidents", "/monitors", "/alert-deliveries"],
    silence: ["/silences", "/incidents"],
    "alert-channel": ["/alert-channels", "/alert-deliveries"],
    "alert-delivery": ["/alert-deliveries"],
  },
  search: async (project, text, signal) => {
    const { listMonitors } = await import("./monitoring-api.ts");
    const { items } = await listMonitors({ project, query: { pageSize: 500 } }, signal);
    const wanted = text.toLowerCase();
    const found = items.filter(({ name }) => name.toLowerCase().includes(wanted)).slice(0, FOUND_MAX);
    return found.map(({ id, name }) => ({
      id: `monitor-${id}`,
      title: name,
      hint: "monitor",
      to: paths.monitor(project, name),
    }));
  },
  commands: (project) => [
    { id: "monitor-new", title: "Watch an endpoint or a dataset", to: paths.newMonitor(project) },
    { id: "incidents-unresolved", title: "Show open incidents", to: paths.incidents(project) },
  ],
};
