import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { createApi } from "./api.ts";
import type { seed } from "./seed.ts";

const WEB = join(import.meta.dirname, "..");
const PERSON = { email: "mira@example.org", displayName: "Mira Okafor", password: "twelve green umbrellas" };

/** What every test gets: a server, and somebody who is signed in as its owner. */
export interface Place {
  url: string;
  /** The owner's token, for programs that write while a page looks on. */
  token: string;
  session: { name: string; value: string };
  person: typeof PERSON;
}

declare module "vitest" {
  interface ProvidedContext {
    place: Place;
    /** What the server of most tests was filled with; the sample's fills itself. */
    seeded: Awaited<ReturnType<typeof seed>>;
  }
}

/** Signs its owner in at a server that has started. */
export async function enter({ url, token }: Pick<Place, "url" | "token">): Promise<Place> {
  const api = createApi(url, token);
  const session = await api.accept(await api.invite(PERSON.email), PERSON);
  return { url, token, session, person: PERSON };
}

/** The UI as it is shipped, from the sources as they are. */
export function buildWeb(): void {
  execFileSync(process.execPath, [join(WEB, "node_modules/vite/bin/vite.js"), "build"], {
    cwd: WEB,
    // The test runner's own mode would build React for development.
    env: { ...process.env, NODE_ENV: "production" },
    stdio: "pipe",
  });
}
