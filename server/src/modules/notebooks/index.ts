export type { NotebookServers, Notebooks } from "./door.ts";
export { notebooksJobs } from "./jobs.ts";
export { IDENTITY_HEADER } from "./jupyter.ts";
export { BODY_BYTES_MAX, CHANNELS_MAX, IDLE_MS, RECHECK_MS } from "./limits.ts";
export { createNotebooks } from "./notebooks.ts";
export { notebooksRoutes } from "./routes.ts";
