/** How Python writes values. Clients of tracking servers match the texts of refusals, and those hold values so. */

const NO_POINT_MAX = 1e16; // From here on Python writes a power of ten.

/** A text in quotes: single ones, unless only double ones need no escape. */
export function quoted(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll(mark, `\\${mark}`);
  return mark + escaped + mark;
}

/** A real number: whole ones end in `.0`. */
export function realText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  return Number.isInteger(value) && Math.abs(value) < NO_POINT_MAX ? value.toFixed(1) : String(value);
}
