import type { NotebookServer } from "@atrium/contract/notebooks";
import { Status } from "../../lib/words.tsx";

const WORDS: Record<NotebookServer["state"], [status: string, word: string]> = {
  starting: ["queued", "Starting"],
  running: ["running", "Running"],
  stopping: ["cancelled", "Stopping"],
  stopped: ["cancelled", "Stopped"],
  failed: ["failed", "Failed"],
};

export function ServerStatus({ server }: { server: Pick<NotebookServer, "state"> }) {
  const [status, word] = WORDS[server.state];
  return <Status status={status} word={word} />;
}
