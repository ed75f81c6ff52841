import { useState } from "react";

/** A small choice remembered in this browser, such as a panel's width. */
export function useStored<T>(name: string, initial: T): [T, (value: T) => void] {
  const [value, setValue] = useState<T>(() => readStored(name, initial));
  const keep = (next: T) => {
    setValue(next);
    try {
      localStorage.setItem(`atrium.${name}`, JSON.stringify(next));
    } catch {
      // Storage may be full or forbidden; the choice then lasts until the tab closes.
    }
  };
  return [value, keep];
}

export function readStored<T>(name: string, initial: T): T {
  try {
    const text = localStorage.getItem(`atrium.${name}`);
    return text === null ? initial : (JSON.parse(text) as T);
  } catch {
    return initial;
  }
}
