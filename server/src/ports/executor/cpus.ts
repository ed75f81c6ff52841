import { readFileSync } from "node:fs";

/** The cores that this process may use, by number: a container often has a part of the machine's. */
export function ownCpus(): number[] {
  try {
    const status = readFileSync("/proc/self/status", "utf8");
    return readCpuList(/^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1] ?? "");
  } catch {
    return []; // Not Linux: nothing can be pinned.
  }
}

/** Reads the kernel's form of a set: `0-3,8`. */
export function readCpuList(text: string): number[] {
  return text
    .split(",")
    .filter(Boolean)
    .flatMap((range) => {
      const [first = 0, last = first] = range.split("-").map(Number);
      return Array.from({ length: last - first + 1 }, (_, i) => first + i);
    });
}

/** The cores that fewest others use, in order. */
export function chooseCpus(
  all: readonly number[],
  taken: readonly (readonly number[])[],
  count: number,
): number[] {
  const uses = new Map(all.map((cpu) => [cpu, 0]));
  for (const cpu of taken.flat()) uses.set(cpu, (uses.get(cpu) ?? 0) + 1);
  const free = [...all].sort((a, b) => (uses.get(a) ?? 0) - (uses.get(b) ?? 0) || a - b);
  return free.slice(0, count).sort((a, b) => a - b);
}
