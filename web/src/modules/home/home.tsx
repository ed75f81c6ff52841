import { EmptyState } from "../../lib/states.tsx";

export function HomeScreen() {
  return <EmptyState title="Home">This room is being furnished.</EmptyState>;
}
