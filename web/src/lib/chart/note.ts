import type uPlot from "uplot";
import type { PlottedLine } from "./plot.ts";

const ROWS_MAX = 12;

interface Noted {
  lines: readonly PlottedLine[];
  /** Whether a value speaks for later x, too; where each point stands for itself, a gap says nothing. */
  holds: "until the next" | "the point";
  yText: (value: number) => string;
  say: (x: number) => { title: string; words?: string | undefined };
}

/** The values at the crosshair, greatest first, in a small note that follows it. */
export function crosshairNote(noted: Noted): uPlot.Plugin {
  const note = document.createElement("div");
  note.className = "menu nums pointer-events-none absolute z-20 px-2 py-1 text-xs";
  note.hidden = true;
  return {
    hooks: {
      init: (chart) => {
        chart.over.append(note);
      },
      setCursor: (chart) => {
        const { idx, left, top } = chart.cursor;
        const inside = typeof idx === "number" && left !== undefined && left >= 0;
        note.hidden = !inside;
        if (!inside) return;
        note.replaceChildren(...rowsAt(chart, noted, idx));
        const right = left > chart.over.clientWidth / 2;
        note.style.left = right ? "" : `${left + 12}px`;
        note.style.right = right ? `${chart.over.clientWidth - left + 12}px` : "";
        note.style.top = `${Math.max(0, Math.min(top ?? 0, chart.over.clientHeight - note.clientHeight))}px`;
      },
    },
  };
}

function rowsAt(chart: uPlot, { lines, holds, yText, say }: Noted, index: number): HTMLElement[] {
  const { title, words } = say(chart.data[0][index] ?? 0);
  const heading = document.createElement("div");
  heading.className = "text-ink-3 whitespace-nowrap";
  heading.textContent = title;
  const values = lines
    .flatMap(({ line, series }) => {
      const value = valueAt(chart.data[series], index, holds);
      return value === undefined || line.looks === "faint" ? [] : [{ line, value }];
    })
    .sort((a, b) => b.value - a.value);
  const rows = values.slice(0, ROWS_MAX).map(({ line, value }) => {
    const row = document.createElement("div");
    row.className = "flex items-center gap-2 whitespace-nowrap";
    const dot = document.createElement("span");
    dot.className = "size-2 shrink-0 rounded-full";
    dot.style.background = line.colour;
    const name = document.createElement("span");
    name.className = "max-w-48 flex-1 truncate";
    name.textContent = line.label;
    const number = document.createElement("span");
    number.textContent = yText(value);
    row.append(dot, name, number);
    return row;
  });
  if (values.length > ROWS_MAX) {
    const more = document.createElement("div");
    more.className = "text-ink-3";
    more.textContent = `and ${values.length - ROWS_MAX} more`;
    rows.push(more);
  }
  if (words !== undefined) {
    const added = document.createElement("div");
    added.className = "whitespace-nowrap";
    added.textContent = words;
    rows.push(added);
  }
  return [heading, ...rows];
}

/** Lines of one chart seldom share every x: the last value at or before the crosshair speaks for a line. */
function valueAt(
  values: ArrayLike<number | null | undefined> | undefined,
  index: number,
  holds: Noted["holds"],
): number | undefined {
  const least = holds === "the point" ? index : 0;
  for (let at = index; at >= least; at--) {
    const value = values?.[at];
    if (typeof value === "number") return value;
  }
  return undefined;
}
