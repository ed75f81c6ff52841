import { constants } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { assert } from "#lib/errors";
import { newId } from "#lib/ids";
import type { Ending, LaunchLimits } from "./executor.ts";

const ATTEMPT_ID = /^[a-z0-9][a-z0-9-]{0,99}$/; // It becomes a folder's name.

export interface Claim {
  pid: number;
  start: string;
  bootId: string;
}

/** Why we ended it ourselves; the first reason counts. */
export type StopReason = Extract<Ending["kind"], "cancelled" | "memory" | "output">;

const Started = z.object({
  limits: z.object({
    cores: z.number(),
    memoryMiB: z.number(),
    timeoutMs: z.number(),
    outputMiB: z.number(),
  }),
  cpus: z.array(z.number()),
});
type Started = z.infer<typeof Started>;

/** One attempt's folder: `work` is the command's own, the rest is what it and its shim leave for us. */
export function attemptFolder(root: string, attemptId: string) {
  assert(ATTEMPT_ID.test(attemptId), "an attempt's id can be a folder's name");
  const path = join(root, attemptId);
  const file = (name: string): string => join(path, name);
  const textOf = (name: string): Promise<string | undefined> =>
    readFile(file(name), "utf8").catch((thrown: NodeJS.ErrnoException) => {
      if (thrown.code === "ENOENT") return undefined;
      throw thrown;
    });

  return {
    path,
    work: join(path, "work"),

    exists: () => isThere(path),

    async make(): Promise<void> {
      await rm(path, { recursive: true, force: true });
      await mkdir(join(path, "work"), { recursive: true, mode: 0o700 });
    },

    async saveStarted(started: { limits: LaunchLimits; cpus: readonly number[] }): Promise<void> {
      const beside = file(`started.${newId()}`); // Two may start the same attempt at once; both write the same.
      await writeFile(beside, JSON.stringify(started), { mode: 0o600 });
      await rename(beside, file("started"));
    },

    async started(): Promise<Started | undefined> {
      const text = await textOf("started");
      return text === undefined ? undefined : Started.parse(JSON.parse(text));
    },

    /** `empty` while the shim is between making it and writing it. */
    async claim(): Promise<Claim | "empty" | undefined> {
      const text = await textOf("claim");
      if (text === undefined) return undefined;
      if (!text.endsWith("\n")) return "empty";
      const [pid, start = "", bootId = ""] = text.trim().split(" ");
      return { pid: Number(pid), start, bootId };
    },

    async exitCode(): Promise<number | undefined> {
      const text = await textOf("exit");
      return text?.endsWith("\n") ? Number(text) : undefined;
    },

    timedOut: () => isThere(file("timeout")),

    async stopReason(): Promise<StopReason | undefined> {
      return (await textOf("stop")) as StopReason | undefined;
    },

    async noteStop(reason: StopReason): Promise<void> {
      await writeFile(file("stop"), reason, { flag: "wx" }).catch((thrown: NodeJS.ErrnoException) => {
        if (thrown.code !== "EEXIST") throw thrown;
      });
    },

    openOutput: () =>
      open(file("output"), constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT, 0o600),

    async outputSize(): Promise<number> {
      const found = await stat(file("output")).catch(() => undefined);
      return found?.size ?? 0;
    },

    async output(from: number, bytesMax: number): Promise<Buffer> {
      const handle = await open(file("output"), "r").catch(() => undefined);
      if (handle === undefined) return Buffer.alloc(0);
      try {
        const { bytesRead, buffer } = await handle.read(Buffer.alloc(bytesMax), 0, bytesMax, from);
        return buffer.subarray(0, bytesRead);
      } finally {
        await handle.close();
      }
    },

    remove: () => rm(path, { recursive: true, force: true }),
  };
}

export type AttemptFolder = ReturnType<typeof attemptFolder>;

/** Bytes that a folder takes on disk, until they pass `bytesMax`: files that are mostly holes count for what they take. */
export async function sizeOf(folder: string, bytesMax: number): Promise<number> {
  let sum = 0;
  const waiting = [folder];
  for (let next = waiting.pop(); next !== undefined && sum <= bytesMax; next = waiting.pop()) {
    const entries = await readdir(next, { withFileTypes: true }).catch(() => []); // It may go while we look.
    for (const entry of entries) {
      const path = join(next, entry.name);
      if (entry.isDirectory()) waiting.push(path);
      else sum += ((await stat(path).catch(() => undefined))?.blocks ?? 0) * 512;
    }
  }
  return sum;
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
