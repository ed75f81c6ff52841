import type { JobState } from "@atrium/contract/compute";
import { Status } from "../../lib/words.tsx";

/** A job's state. While its environment is made it is on its way, and says so. */
export function JobStatus({ state }: { state: JobState }) {
  if (state === "preparing") return <Status status="running" word="Preparing" />;
  return <Status status={state} />;
}
