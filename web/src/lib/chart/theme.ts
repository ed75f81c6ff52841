/** What a canvas draws with. */
export interface ChartTheme {
  ink: string;
  line: string;
  resolve: (colour: string) => string;
}

export const FONT = '11px "Inter Variable", system-ui, sans-serif';

/** A canvas knows no CSS variables, so a hidden element reads them for it. */
export function readTheme(place: HTMLElement): ChartTheme {
  const resolve = (colour: string) => {
    const probe = document.createElement("span");
    probe.style.color = colour;
    place.append(probe);
    const resolved = getComputedStyle(probe).color;
    probe.remove();
    return resolved;
  };
  return { ink: resolve("var(--ink-3)"), line: resolve("var(--line)"), resolve };
}
