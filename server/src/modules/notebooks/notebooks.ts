import { SYSTEM } from "#modules/identity";
import type { NotebooksDeps } from "./deps.ts";
import type { Notebooks } from "./door.ts";
import { createFiles } from "./files.ts";
import { createGate } from "./gate.ts";
import type { NotebooksKeeping } from "./jobs.ts";
import { createJupyter } from "./jupyter.ts";
import { createRuns } from "./runs.ts";
import { watchServers } from "./server-watch.ts";
import { createServers } from "./servers.ts";
import { createStorage } from "./storage.ts";

/** Notebooks: files with versions, a Jupyter server a person and project, and runs as jobs. */
export function createNotebooks(deps: NotebooksDeps): Notebooks & { readonly keeping: NotebooksKeeping } {
  const gate = createGate(deps);
  const storage = createStorage(deps);
  const jupyter = createJupyter(deps);
  const files = createFiles(deps, { gate, storage });
  const servers = createServers(deps, { gate, jupyter });
  const { settle } = watchServers(deps, { gate, jupyter, system: SYSTEM });
  return {
    files,
    servers,
    runs: createRuns(deps, { gate, storage, files }),
    keeping: { settle, sweep: storage.sweep },
  };
}
