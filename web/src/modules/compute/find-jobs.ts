import type { computeApi } from "@atrium/contract/compute";
import { operation } from "../../lib/api.ts";
import { paths } from "../../lib/paths.ts";
import type { PaletteCommand } from "../../lib/room.ts";

const listJobs = operation<(typeof computeApi)["listJobs"]>("GET /jobs");

// The newest are those that somebody looks for by name; older ones are found in the list.
const SEARCHED = 200;
const FOUND_MAX = 8;

/** Of the newest jobs those whose name or id holds the text. */
export async function findJobs(
  project: string,
  text: string,
  signal: AbortSignal,
): Promise<PaletteCommand[]> {
  const { items } = await listJobs({ project, query: { pageSize: SEARCHED } }, signal);
  const wanted = text.toLowerCase();
  return items
    .filter((job) => job.name.toLowerCase().includes(wanted) || job.id.includes(wanted))
    .slice(0, FOUND_MAX)
    .map((job) => ({ id: `job-${job.id}`, title: job.name, hint: "job", to: paths.job(project, job.id) }));
}
