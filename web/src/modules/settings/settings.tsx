import { EmptyState } from "../../lib/states.tsx";

export function SettingsScreen() {
  return <EmptyState title="Settings">This room is being furnished.</EmptyState>;
}
