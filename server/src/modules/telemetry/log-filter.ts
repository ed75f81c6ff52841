import { AppError } from "#lib/errors";

const CONDITIONS_MAX = 32; // More than any query that a person or a page makes.
const WORDS_MAX = 32;
const LABEL_NAME = /^[A-Za-z_][\w.-]{0,63}$/;

/** One label must have one of these values. */
export interface LabelCondition {
  name: string;
  values: readonly string[];
}

/** `role=api,level=error|warn`: all must match, `|` between values of one. @throws AppError `invalid` */
export function parseLabels(text: string): LabelCondition[] {
  const parts = text.split(",").filter((part) => part.trim() !== "");
  if (parts.length > CONDITIONS_MAX) throw badLabels(`There are more than ${CONDITIONS_MAX} conditions.`);
  return parts.map((part) => {
    const at = part.indexOf("=");
    const name = part.slice(0, Math.max(0, at)).trim();
    const values = part
      .slice(at + 1)
      .split("|")
      .map((value) => value.trim());
    if (!isLabelName(name) || values.some((value) => value === ""))
      throw badLabels(`'${part}' is not a condition on a label.`);
    return { name, values };
  });
}

export function isLabelName(name: string): boolean {
  return LABEL_NAME.test(name);
}

/**
 * Words and "phrases" that must all be there, in lower case and as they stand in JSON text, which is how lines are kept.
 * @throws AppError `invalid`
 */
export function parseWords(text: string): string[] {
  const words = [...text.matchAll(/"([^"]*)"?|(\S+)/g)]
    .map(([, phrase, word]) => phrase ?? word ?? "")
    .filter((word) => word !== "");
  if (words.length > WORDS_MAX)
    throw new AppError("invalid", `Search for at most ${WORDS_MAX} words at once.`, { at: "query.text" });
  return words.map((word) => JSON.stringify(word).slice(1, -1).toLowerCase());
}

/** `http.route=/a,http.status_code=500`: names are free, values are whole. @throws AppError `invalid` */
export function parseAttributes(text: string): { name: string; value: string }[] {
  const parts = text.split(",").filter((part) => part.trim() !== "");
  if (parts.length > CONDITIONS_MAX)
    throw new AppError("invalid", `Search for at most ${CONDITIONS_MAX} attributes.`, {
      at: "query.attributes",
    });
  return parts.map((part) => {
    const at = part.indexOf("=");
    if (at < 1)
      throw new AppError("invalid", `'${part}' is not an attribute with its value; write name=value.`, {
        at: "query.attributes",
      });
    return { name: part.slice(0, at).trim(), value: part.slice(at + 1).trim() };
  });
}

function badLabels(why: string): AppError {
  return new AppError("invalid", `${why} Write labels as role=api,level=error|warn.`, { at: "query.labels" });
}
