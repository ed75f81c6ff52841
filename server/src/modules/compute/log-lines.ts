import { StringDecoder } from "node:string_decoder";

const LINE_CHARACTERS_MAX = 8 * 1024; // What has no end of line by then is cut there: a progress bar, or no text at all.
const SECRET_LENGTH_MIN = 8; // Shorter ones would blacken ordinary words.
const TOKENS = /\batrium_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}\b/g;

/** Takes secrets out of what a job printed, each replaced by as many stars, so that positions stay what they were. */
export function hider(secrets: readonly string[]): (text: string) => string {
  const known = secrets.filter((secret) => secret.length >= SECRET_LENGTH_MIN);
  return (text) => {
    let clean = text.replace(TOKENS, stars);
    for (const secret of known) clean = clean.replaceAll(secret, stars);
    return clean;
  };
}

/** For what was printed when nobody knows any more what is secret in it. */
export function hideAll(text: string): string {
  return text.replace(/[^\r\n]+/g, stars);
}

function stars(secret: string): string {
  return "*".repeat(Buffer.byteLength(secret));
}

/** Cuts what comes in pieces of bytes into lines. */
export function createLines() {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  return {
    take(piece: Buffer): string[] {
      const lines = (rest + decoder.write(piece)).split("\n");
      rest = lines.pop() ?? "";
      while (rest.length > LINE_CHARACTERS_MAX) {
        lines.push(rest.slice(0, LINE_CHARACTERS_MAX));
        rest = rest.slice(LINE_CHARACTERS_MAX);
      }
      return lines.map(shown);
    },
    /** What stands without an end of line. */
    end(): string[] {
      const last = rest + decoder.end();
      rest = "";
      return last === "" ? [] : [shown(last)];
    },
  };
}

/** A line that was written over is what it was in the end. */
function shown(line: string): string {
  const bare = line.endsWith("\r") ? line.slice(0, -1) : line;
  return bare.slice(bare.lastIndexOf("\r") + 1);
}
