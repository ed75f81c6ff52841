import { Shell } from "./shell.tsx";

/** `/` leads to the project that was visited last; the shell knows which. */
export function Front() {
  return <Shell />;
}
