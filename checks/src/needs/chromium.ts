import { existsSync } from "node:fs";
import { installDebian } from "./debian.ts";

const PATHS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** A browser with a few fonts; answers with the variable that tells the tests where it is. */
export async function chromium(): Promise<Record<string, string>> {
  const given = process.env.CHROMIUM;
  if (given !== undefined) return { CHROMIUM: given };
  const found = PATHS.find((path) => existsSync(path));
  installDebian(found === undefined ? ["chromium", "fonts-dejavu-core"] : []);
  return { CHROMIUM: found ?? "/usr/bin/chromium" };
}
