import { readdirSync, readFileSync, readlinkSync } from "node:fs";

export interface Process {
  pid: number;
  parent: number;
  command: string;
}

/** All that belongs to a server: what it started, what works in its folder, and what those started. */
export function processesOf(serverPid: number, folder: string): Process[] {
  const all = everyProcess();
  const ours = new Set<number>([serverPid]);
  for (const { pid, command } of all) if (command.includes(folder) || workingIn(pid, folder)) ours.add(pid);
  // A child may have a lower number than its parent; so until nothing comes in.
  for (let before = 0; before !== ours.size; ) {
    before = ours.size;
    for (const { pid, parent } of all) if (ours.has(parent)) ours.add(pid);
  }
  return all.filter(({ pid }) => ours.has(pid) && pid !== process.pid);
}

function everyProcess(): Process[] {
  return readdirSync("/proc").flatMap((name) => {
    const pid = Number(name);
    if (!Number.isInteger(pid)) return [];
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const [state = "", parent = ""] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
      return state === "Z" ? [] : [{ pid, parent: Number(parent), command }];
    } catch {
      return []; // It has ended since.
    }
  });
}

function workingIn(pid: number, folder: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
  } catch {
    return false; // It has ended since, or is somebody else's.
  }
}
