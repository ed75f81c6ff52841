import { useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";
const STORE = "atrium.theme"; // `public/theme.js` reads it before the first paint.
const listeners = new Set<() => void>();

export function currentTheme(): Theme {
  const chosen = document.documentElement.dataset.theme;
  return chosen === "light" || chosen === "dark" ? chosen : "system";
}

export function setTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  localStorage.setItem(STORE, theme);
  for (const listener of listeners) listener();
}

export type Density = "usual" | "compact";

export function currentDensity(): Density {
  return document.documentElement.dataset.density === "compact" ? "compact" : "usual";
}

/** Tables read it when they are next drawn. */
export function setDensity(density: Density): void {
  if (density === "compact") document.documentElement.dataset.density = density;
  else delete document.documentElement.dataset.density;
  localStorage.setItem("atrium.density", density);
}

export function useTheme(): Theme {
  return useSyncExternalStore(onThemeChange, currentTheme);
}

/** Also called when the system itself turns dark or light, so that canvases can draw again. */
export function onThemeChange(listener: () => void): () => void {
  const system = matchMedia("(prefers-color-scheme: dark)");
  listeners.add(listener);
  system.addEventListener("change", listener);
  return () => {
    listeners.delete(listener);
    system.removeEventListener("change", listener);
  };
}
