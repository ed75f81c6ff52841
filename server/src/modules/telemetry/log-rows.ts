import { type Block, type BlockHead, countLevels } from "./log-block.ts";
import { logContext, pack, unpack } from "./seals.ts";
import type { LogKind, LogRow } from "./tables.ts";

/** Seals a block as the row that stores it. */
export async function rowOf(
  key: Buffer,
  block: Block,
  place: { kind: LogKind; stream: string; firstLine: number; projectId: string; storedMs: number },
): Promise<LogRow> {
  const facts = {
    kind: place.kind,
    stream: place.stream,
    first_line: place.firstLine,
    project_id: place.projectId,
    lines: block.head.times.length,
  };
  const text = Buffer.from(block.body);
  const [head, body] = await Promise.all([
    pack(key, Buffer.from(JSON.stringify(block.head)), logContext("head", facts)),
    pack(key, text, logContext("body", facts)),
  ]);
  const [debug, info, warn, error] = countLevels(block.head.levels);
  return {
    ...facts,
    from_ms: block.fromMs,
    to_ms: block.toMs,
    stored_ms: place.storedMs,
    debug_lines: debug,
    info_lines: info,
    warn_lines: warn,
    error_lines: error,
    text_bytes: text.byteLength,
    size_bytes: head.byteLength + body.byteLength,
    head,
    body,
  };
}

/** Opens a small row where it stands; large ones go to the scanner's thread. */
export function blockOf(key: Buffer, row: Omit<LogRow, "stored_ms" | "size_bytes">): Block {
  return {
    fromMs: row.from_ms,
    toMs: row.to_ms,
    head: JSON.parse(unpack(key, row.head, logContext("head", row)).toString()) as BlockHead,
    body: unpack(key, row.body, logContext("body", row)).toString(),
  };
}
