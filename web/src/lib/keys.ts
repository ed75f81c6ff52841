import { useEffect, useRef } from "react";

/** One shortcut: `g r`, `mod+k`, `/`, `?`, `j`. `mod` is ⌘ on a Mac and Ctrl elsewhere. */
export interface Shortcut {
  keys: string;
  does: string;
  run: () => void;
  /** Shown under this heading in the help. */
  where?: string;
}

// A second key must follow the first within this time, long enough for a hunting finger.
const SEQUENCE_MS = 1200;
const layers: { current: Shortcut[] }[] = [];
let pending = "";
let pendingAt = 0;

/** Shortcuts while the calling component is on screen; a later one wins over an earlier one. */
export function useShortcuts(shortcuts: Shortcut[]): void {
  const layer = useRef(shortcuts);
  layer.current = shortcuts;
  useEffect(() => {
    layers.push(layer);
    return () => {
      layers.splice(layers.indexOf(layer), 1);
    };
  }, []);
}

export function activeShortcuts(): Shortcut[] {
  const seen = new Set<string>();
  return [...layers]
    .reverse()
    .flatMap((layer) => layer.current)
    .filter((s) => !seen.has(s.keys) && seen.add(s.keys));
}

/** The name of a pressed key as shortcuts write it. */
function keyName(event: Pick<KeyboardEvent, "key" | "metaKey" | "ctrlKey" | "altKey">): string {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return `${event.metaKey || event.ctrlKey ? "mod+" : ""}${event.altKey ? "alt+" : ""}${key}`;
}

function onKeyDown(event: KeyboardEvent): void {
  const name = keyName(event);
  if (event.defaultPrevented || event.isComposing) return;
  if (isTyping(event.target) && !name.startsWith("mod+") && name !== "Escape") return;
  // Escape and single letters belong to an open dialogue; it closes itself.
  if (document.querySelector("dialog[open]") && !name.startsWith("mod+")) return;
  const sequence = pending && event.timeStamp - pendingAt < SEQUENCE_MS ? `${pending} ${name}` : name;
  const all = activeShortcuts();
  const hit = all.find((s) => s.keys === sequence) ?? all.find((s) => s.keys === name);
  pending = "";
  if (hit) {
    event.preventDefault();
    hit.run();
  } else if (all.some((s) => s.keys.startsWith(`${name} `))) {
    pending = name;
    pendingAt = event.timeStamp;
  }
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement)
    return !["checkbox", "radio", "button", "range"].includes(target.type);
  return (
    target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
  );
}

/** Begins to listen; called once, by the shell. */
export function listenToKeys(): () => void {
  document.addEventListener("keydown", onKeyDown);
  return () => document.removeEventListener("keydown", onKeyDown);
}
