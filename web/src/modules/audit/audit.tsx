import { EmptyState } from "../../lib/states.tsx";

export function AuditScreen() {
  return <EmptyState title="Audit">This room is being furnished.</EmptyState>;
}
