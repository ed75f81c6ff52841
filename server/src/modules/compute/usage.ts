import type { Usage } from "#ports/executor";
import type { ComputeDeps, JobMetric } from "./deps.ts";
import { type JobSpec, labelsOf } from "./spec.ts";
import type { JobRow } from "./tables.ts";

const EVERY_MS = 5000; // A chart of an hour has 720 points; each costs a write of its own.

/** Keeps what an attempt's processes take as metrics under the labels of its log. */
export function createUsage(
  { clock, log, recordMetrics }: Pick<ComputeDeps, "clock" | "log" | "recordMetrics">,
  { job, spec }: { job: JobRow; spec: JobSpec },
): (usage: Usage) => void {
  const labels = labelsOf(job, spec);
  let nextMs = 0;
  let cpuSeconds = 0;
  return (usage) => {
    cpuSeconds = Math.max(cpuSeconds, usage.cpuSeconds);
    if (performance.now() < nextMs) return;
    nextMs = performance.now() + EVERY_MS;
    const common = { labels, atMs: clock.now(), counts: "total" as const };
    const points: JobMetric[] = [
      {
        ...common,
        name: "job_cpu_seconds_total",
        kind: "counter",
        unit: "s",
        help: "Time that the job's processes have computed.",
        value: cpuSeconds,
      },
      {
        ...common,
        name: "job_memory_resident_bytes",
        kind: "gauge",
        unit: "By",
        help: "Memory that the job's processes hold.",
        value: usage.residentBytes,
      },
      {
        ...common,
        name: "job_processes",
        kind: "gauge",
        unit: "",
        help: "Processes that the job has.",
        value: usage.processes,
      },
    ];
    recordMetrics(job.project_id, points).catch((thrown: unknown) => {
      log.warn("What a job takes could not be kept.", { job: job.id, error: thrown });
    });
  };
}
