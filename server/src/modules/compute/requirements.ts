import { createHash } from "node:crypto";
import { AppError } from "#lib/errors";

const LINES_MAX = 2000;
const LINE_CHARACTERS_MAX = 64 * 1024; // A locked package carries a hash a wheel; some have hundreds of wheels.
// A name with extras, then a version, a marker, an address or hashes: never an option, a path or another file.
const REQUIREMENT = /^[A-Za-z0-9][A-Za-z0-9._-]*\s*(\[[A-Za-z0-9._,\s-]*\])?\s*($|[<>=!~;@(])/;

/** Requirement lines as they count: without comments and blank lines, continued lines joined, each once, sorted.
 *  @throws AppError `invalid` naming the line that we do not take */
export function readRequirements(given: readonly string[]): string[] {
  const lines = given
    .join("\n")
    .replace(/\\\r?\n/g, " ")
    .split(/\r?\n/)
    .map((line) =>
      line
        .replace(/(^|\s)#.*$/, "")
        .trim()
        .replace(/\s+/g, " "),
    )
    .filter(Boolean);
  if (lines.length > LINES_MAX) throw new AppError("invalid", `At most ${LINES_MAX} requirements.`);
  for (const line of lines) refuse(line);
  return [...new Set(lines)].sort();
}

/** The name under which requirements and what they were resolved on are remembered. */
export function digestOf(...parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

function refuse(line: string): void {
  const say = (why: string): never => {
    throw new AppError("invalid", `The requirement '${line.slice(0, 200)}' ${why}`, { at: "requirements" });
  };
  if (line.length > LINE_CHARACTERS_MAX) say("is too long.");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a control character is what is refused.
  if (/[\u0000-\u001f]/.test(line)) say("has a control character.");
  if (line.startsWith("-")) say("is an option: only packages may be listed; indexes are set on the server.");
  if (!REQUIREMENT.test(line)) say("is no package: write a name, such as scikit-learn==1.7.2.");
  const address = /@\s*(\S+)/.exec(line)?.[1];
  if (address === undefined) return;
  if (!/^https:\/\//i.test(address)) say("names an address that is not https.");
  if (/^https:\/\/[^/]*@/i.test(address)) say("has a password in its address.");
}
