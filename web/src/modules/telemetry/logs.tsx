import { EmptyState } from "../../lib/states.tsx";

export function LogsScreen() {
  return <EmptyState title="Logs & metrics">This room is being furnished.</EmptyState>;
}
