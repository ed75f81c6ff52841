import { type FileHandle, mkdir, open, readdir, readFile, rm, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { deflateRaw, inflateRawSync } from "node:zlib";
import { AppError } from "#lib/errors";
import { newId } from "#lib/ids";
import { seal, unseal } from "#lib/seal";
import type { PredictionRow } from "./prediction-rows.ts";

const pack = promisify(deflateRaw); // Off the loop: a second of a busy endpoint is a megabyte.
const LENGTH_BYTES = 4;
// Less than what blobs leave: a segment that finds no room waits in its journal, which still has some.
const RESERVED_BYTES = 128 * 1024 ** 2;
const RESERVED_SHARE = 0.025; // Of a small disk.
const FRAME_BYTES_MAX = 64 * 1024 * 1024; // A greater length is damage, not a frame.
const ROW_CHARACTERS_MAX = 64 * 1024; // A longer row keeps what is known of it without its values.
const NAMES = /^([0-9a-z]+)\.([0-9a-z]+)\.([0-9a-z]+)\.journal$/; // Project, endpoint and the journal's own id, all made by us.

export interface JournalName {
  projectId: string;
  endpointId: string;
  id: string;
}

/** A file that only grows, in sealed frames; a crash can only cut its last one off. */
export interface Journal extends JournalName {
  bytes: number;
  openedMs: number;
  append(key: Buffer, rows: readonly PredictionRow[]): Promise<void>;
  /** Shows other processes that its writer lives. */
  touch(): Promise<void>;
  close(): Promise<void>;
}

export async function openJournal(
  directory: string,
  of: Omit<JournalName, "id">,
  nowMs: number,
): Promise<Journal> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const name = { ...of, id: newId() };
  const file: FileHandle = await open(pathOf(directory, name), "wx", 0o600);
  let frames = 0;
  const journal: Journal = {
    ...name,
    bytes: 0,
    openedMs: nowMs,
    append: async (key, rows) => {
      const plain = await pack(rows.map(lineOf).join("\n"), { level: 1 });
      const sealed = seal(key, plain, contextOf(name, frames));
      const head = Buffer.alloc(LENGTH_BYTES);
      head.writeUInt32LE(sealed.length);
      await file.appendFile(Buffer.concat([head, sealed]));
      frames += 1;
      journal.bytes += LENGTH_BYTES + sealed.length;
    },
    touch: async () => {
      const now = new Date();
      await file.utimes(now, now);
    },
    close: async () => {
      await file.sync();
      await file.close();
    },
  };
  return journal;
}

/** The last of the disk belongs to the database. @throws AppError `unavailable` when little more is left */
export async function requireRoom(directory: string): Promise<void> {
  const room = await statfs(directory).catch(() => undefined);
  if (room === undefined) return; // The folder is made with its first journal.
  const reservedBytes = Math.min(RESERVED_BYTES, RESERVED_SHARE * room.blocks * room.bsize);
  if (room.bavail * room.bsize > reservedBytes) return;
  throw new AppError("unavailable", "The disk is full; free space on it.", { retryAfterSeconds: 10 });
}

/** Journals that lie in the folder, with the time of their last change. */
export async function findJournals(directory: string): Promise<(JournalName & { changedMs: number })[]> {
  const names = await readdir(directory).catch(() => []);
  const found = await Promise.all(
    names.map(async (file) => {
      const [, projectId, endpointId, id] = NAMES.exec(file) ?? [];
      if (projectId === undefined || endpointId === undefined || id === undefined) return [];
      const facts = await stat(join(directory, file)).catch(() => undefined);
      return facts === undefined ? [] : [{ projectId, endpointId, id, changedMs: facts.mtimeMs }];
    }),
  );
  return found.flat();
}

/** Every whole frame's rows; what follows a broken one was being written when the process died. */
export async function readJournal(
  directory: string,
  name: JournalName,
  key: Buffer,
): Promise<PredictionRow[]> {
  const bytes = await readFile(pathOf(directory, name));
  const rows: PredictionRow[] = [];
  let frame = 0;
  for (let at = 0; at + LENGTH_BYTES <= bytes.length; frame += 1) {
    const length = bytes.readUInt32LE(at);
    const end = at + LENGTH_BYTES + length;
    if (length > FRAME_BYTES_MAX || end > bytes.length) break;
    let plain: Buffer;
    try {
      plain = inflateRawSync(unseal(key, bytes.subarray(at + LENGTH_BYTES, end), contextOf(name, frame)));
    } catch {
      break;
    }
    for (const line of plain.toString("utf8").split("\n")) rows.push(JSON.parse(line) as PredictionRow);
    at = end;
  }
  return rows;
}

export async function removeJournal(directory: string, name: JournalName): Promise<void> {
  await rm(pathOf(directory, name), { force: true });
}

function lineOf(row: PredictionRow): string {
  const line = JSON.stringify(row);
  return line.length <= ROW_CHARACTERS_MAX ? line : JSON.stringify({ ...row, in: {}, out: {} });
}

function pathOf(directory: string, { projectId, endpointId, id }: JournalName): string {
  return join(directory, `${projectId}.${endpointId}.${id}.journal`);
}

function contextOf({ projectId, endpointId, id }: JournalName, frame: number): string {
  return `prediction journal ${projectId} ${endpointId} ${id} ${frame}`;
}
