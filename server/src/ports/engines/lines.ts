import type { Readable } from "node:stream";

const LINE_BYTES_MAX = 8 * 1024; // A line of a log; a model that prints arrays without an end must not fill our memory.

/** Calls `take` for each line of text; one that is too long comes in pieces. */
export function splitLines(stream: Readable, take: (line: string) => void): void {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) for (const piece of piecesOf(line)) take(piece);
    while (rest.length > LINE_BYTES_MAX) {
      take(rest.slice(0, LINE_BYTES_MAX));
      rest = rest.slice(LINE_BYTES_MAX);
    }
  });
  stream.on("end", () => {
    if (rest !== "") take(rest);
  });
  stream.on("error", () => {}); // A broken pipe of a child that ends says nothing new.
}

function piecesOf(line: string): string[] {
  const pieces: string[] = [];
  for (let at = 0; at === 0 || at < line.length; at += LINE_BYTES_MAX) {
    pieces.push(line.slice(at, at + LINE_BYTES_MAX));
  }
  return pieces;
}
