import { EmptyState } from "../../lib/states.tsx";

export function ModelsScreen() {
  return <EmptyState title="Models">This room is being furnished.</EmptyState>;
}
