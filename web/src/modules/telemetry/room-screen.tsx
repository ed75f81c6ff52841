import { RoomHeader } from "../../lib/page.tsx";
import { useSession } from "../../lib/session.tsx";
import { Tabs } from "../../lib/tabs.tsx";
import { Logs } from "./logs.tsx";
import { Metrics } from "./metrics.tsx";

export function TelemetryScreen() {
  const { project, can } = useSession();
  return (
    <>
      <RoomHeader title="Logs & metrics" />
      <Tabs
        tabs={[
          { id: "logs", title: "Logs", content: () => <Logs project={project} /> },
          ...(can("instance:read")
            ? [{ id: "metrics", title: "Server metrics", content: () => <Metrics /> }]
            : []),
        ]}
      />
    </>
  );
}
