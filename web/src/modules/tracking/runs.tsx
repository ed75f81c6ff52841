import { EmptyState } from "../../lib/states.tsx";

export function RunsScreen() {
  return <EmptyState title="Runs">This room is being furnished.</EmptyState>;
}
