import type { Job } from "@atrium/contract/compute";
import { paths } from "../../lib/paths.ts";

/** Which thing a job was made for, with its page where there is one. */
export function originOf(
  project: string,
  job: Pick<Job, "origin"> & { labels?: Readonly<Record<string, string>> },
): { words: string; to?: string } | undefined {
  if (!job.origin) return undefined;
  const { type, id } = job.origin;
  const words = type.replaceAll("-", " ");
  if (type === "notebook-run") return { words, to: paths.notebookRun(project, id) };
  if (type === "notebook-server") return { words, to: `${paths.notebooks(project)}?tab=servers` };
  if (type !== "pipeline-step") return { words };
  const step = job.labels?.pipeline_step;
  return { words, to: step ? paths.pipelineStep(project, id, step) : paths.pipelineRun(project, id) };
}
