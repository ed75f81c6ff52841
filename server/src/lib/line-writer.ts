import type { Writable } from "node:stream";

const WAITING_BYTES_MAX = 1024 * 1024; // What a paused reader of our output may make us hold: seconds of a busy log.

/** Writes whole lines to a stream in bounded memory: when its reader falls behind, lines are lost and counted. */
export interface LineWriter {
  write(line: string): void;
  readonly lost: number;
}

/** `lostLine` says in the output's own format how many lines are missing where it stands. */
export function createLineWriter(stream: Writable, lostLine: (count: number) => string): LineWriter {
  let lost = 0;
  let unsaid = 0;
  let broken = false;
  // The reader went away, as `| head` does: that is no reason to stop serving.
  stream.on("error", () => {
    broken = true;
  });
  return {
    get lost() {
      return lost;
    },
    write(line) {
      if (broken || stream.writableLength > WAITING_BYTES_MAX) {
        lost += 1;
        unsaid += 1;
        return;
      }
      if (unsaid > 0) stream.write(`${lostLine(unsaid)}\n`);
      unsaid = 0;
      stream.write(`${line}\n`);
    },
  };
}
