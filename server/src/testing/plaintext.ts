import { closeSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { join } from "node:path";

const WINDOW_BYTES = 1 << 20;

/**
 * Looks for known words in every file below a folder: main files, write-ahead logs, temporary files, and file names.
 * Each word is tried as UTF-8, UTF-16, base64 at each of its three offsets, and hexadecimal. Answers `file: word` for each find, and how many
 * bytes were looked at, so that a test can tell an empty folder from a clean one.
 */
export function findPlaintext(folder: string, words: readonly string[]): { finds: string[]; bytes: number } {
  const needles = words.flatMap((word) => formsOf(word).map((form) => ({ word, form })));
  const finds: string[] = [];
  let bytes = 0;
  for (const name of readdirSync(folder, { recursive: true }).map(String)) {
    for (const word of words) if (name.includes(word)) finds.push(`${name}: ${word} (its name)`);
    const path = join(folder, name);
    const found = statSync(path, { throwIfNoEntry: false });
    if (!found?.isFile()) continue;
    bytes += found.size;
    for (const word of wordsIn(path, needles)) finds.push(`${name}: ${word}`);
  }
  return { finds, bytes };
}

interface Needle {
  word: string;
  form: Buffer;
}

function formsOf(word: string): Buffer[] {
  const bytes = Buffer.from(word);
  // Base64 of a word depends on where in three bytes it begins; its middle is the same whatever stands around it.
  const base64 = [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString("base64")
      .replaceAll("=", "");
    return Buffer.from(text.slice(offset === 0 ? 0 : offset + 1, -1));
  });
  return [bytes, Buffer.from(word, "utf16le"), Buffer.from(bytes.toString("hex")), ...base64];
}

function wordsIn(path: string, needles: readonly Needle[]): Set<string> {
  const overlap = Math.max(...needles.map(({ form }) => form.length));
  const window = Buffer.alloc(WINDOW_BYTES + overlap);
  const words = new Set<string>();
  const file = openSync(path, "r");
  try {
    for (let at = 0; ; at += WINDOW_BYTES) {
      const length = readSync(file, window, 0, window.length, at);
      const seen = window.subarray(0, length);
      for (const { word, form } of needles) if (seen.includes(form)) words.add(word);
      if (length < window.length) return words;
    }
  } finally {
    closeSync(file);
  }
}
