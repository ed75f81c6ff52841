import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { createInterface } from "node:readline";

/**
 * Checkpoints kept outside the database: an append-only text file, each note followed by a line of dots. A tail cut off
 * the database can be seen nowhere else, so the file deserves a copy on another machine.
 */
export interface Outside {
  append(note: string): Promise<void>;
  /** The notes in the order they were written; none when there is no file yet. */
  notes(): AsyncIterable<string>;
  last(): Promise<string | undefined>;
}

const END = "...";
const NOTE_BYTES_MAX = 4096; // Ours have 250; room for witnesses' signatures.

export function outsideFile(file: string): Outside {
  return { append, notes, last };

  async function append(note: string): Promise<void> {
    const handle = await open(file, "a", 0o600);
    try {
      await handle.appendFile(`${note}${END}\n`);
      await handle.datasync();
    } finally {
      await handle.close();
    }
  }

  async function* notes(): AsyncIterable<string> {
    if (!(await exists(file))) return;
    let note = "";
    for await (const line of createInterface({
      input: createReadStream(file),
      crlfDelay: Number.POSITIVE_INFINITY,
    })) {
      if (line !== END) {
        note += `${line}\n`;
        continue;
      }
      yield note;
      note = "";
    }
  }

  /** Reads only the end of the file; a note that was half-written when the power went is passed over. */
  async function last(): Promise<string | undefined> {
    if (!(await exists(file))) return undefined;
    const handle = await open(file, "r");
    try {
      const { size } = await handle.stat();
      const from = Math.max(0, size - 2 * NOTE_BYTES_MAX);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - from), 0, size - from, from);
      const parts = buffer.subarray(0, bytesRead).toString("utf8").split(`${END}\n`);
      return parts.slice(0, -1).at(-1);
    } finally {
      await handle.close();
    }
  }
}

async function exists(file: string): Promise<boolean> {
  try {
    await (await open(file, "r")).close();
    return true;
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT") return false;
    throw thrown;
  }
}
