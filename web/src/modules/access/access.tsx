import { EmptyState } from "../../lib/states.tsx";

export function AccessScreen() {
  return <EmptyState title="Access">This room is being furnished.</EmptyState>;
}
