import { readdirSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Metrics } from "./metrics.ts";

const LOOP_RESOLUTION_MS = 10; // Finer ones cost CPU while idle; a stall that matters is longer.
const LOOP_WINDOW_MS = 60_000; // The delay's quantiles are of the last one to two minutes, not of the whole life.

/** Declares what every program says of itself: memory, processor time, loop delay, open handles. Runs until `stop`. */
export function measureProcess(metrics: Metrics): { stop(): void } {
  const gauge = (name: string, help: string, labels: readonly string[] = []) =>
    metrics.gauge({ name, help, labels });
  const resident = gauge("process_resident_memory_bytes", "Memory of the process as the system counts it.");
  const heapUsed = gauge("nodejs_heap_size_used_bytes", "Memory that JavaScript values take.");
  const heapTotal = gauge("nodejs_heap_size_total_bytes", "Memory reserved for JavaScript values.");
  const external = gauge("nodejs_external_memory_bytes", "Memory of buffers outside the heap.");
  const started = gauge("process_start_time_seconds", "When the process began, since 1970 UTC.");
  const handles = gauge("nodejs_active_resources", "Open handles and requests, by type.", ["type"]);
  const files = gauge("process_open_fds", "Open files and sockets.");
  const delay = gauge("nodejs_eventloop_lag_seconds", "How late the event loop was.", ["quantile"]);
  const cpu = metrics.counter({
    name: "process_cpu_seconds_total",
    help: "Processor time used.",
    labels: ["mode"],
  });
  started.set(Math.round(Date.now() / 1000 - process.uptime()));

  const loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  loop.enable();
  const window = setInterval(() => loop.reset(), LOOP_WINDOW_MS);
  window.unref();
  const seenTypes = new Set<string>();
  let usedBefore = { user: 0, system: 0 };

  metrics.onCollect(() => {
    const memory = process.memoryUsage();
    resident.set(memory.rss);
    heapUsed.set(memory.heapUsed);
    heapTotal.set(memory.heapTotal);
    external.set(memory.external);
    const used = process.cpuUsage();
    cpu.add((used.user - usedBefore.user) / 1e6, "user");
    cpu.add((used.system - usedBefore.system) / 1e6, "system");
    usedBefore = used;
    for (const [quantile, percent] of Object.entries({ "0.5": 50, "0.99": 99, "1": 100 })) {
      // The histogram measures whole intervals: what exceeds the interval is the delay.
      const late = loop.count === 0 ? 0 : loop.percentile(percent) / 1e6 - LOOP_RESOLUTION_MS;
      delay.set(Math.max(0, late) / 1000, quantile);
    }
    const counts = countByType(process.getActiveResourcesInfo());
    for (const type of counts.keys()) seenTypes.add(type);
    for (const type of seenTypes) handles.set(counts.get(type) ?? 0, type);
    const open = openFiles();
    if (open !== undefined) files.set(open);
  });
  return {
    stop: () => {
      clearInterval(window);
      loop.disable();
    },
  };
}

function countByType(types: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const type of types) counts.set(type, (counts.get(type) ?? 0) + 1);
  return counts;
}

/** Only Linux shows this as a folder; elsewhere the metric is absent. */
function openFiles(): number | undefined {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return undefined;
  }
}
