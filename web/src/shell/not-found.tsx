import { Link } from "../lib/link.tsx";
import { EmptyState } from "../lib/states.tsx";

export function NotFound() {
  return (
    <EmptyState
      title="Nothing lives at this address"
      drawing="broken"
      heading="h1"
      action={
        <Link to="/" className="button">
          Go home
        </Link>
      }
    >
      The link may be old, or it leads to something you may not see.
    </EmptyState>
  );
}
