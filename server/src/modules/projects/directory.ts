import type { Clock } from "#lib/clock";
import type { Database } from "#ports/database";
import type { ProjectRef } from "./door.ts";
import * as queries from "./queries.ts";

const FRESH_MS = 5000; // How late another process may learn of a change; our own changes are known at once.
const MISSING_FRESH_MS = 250; // A name not found is asked for again soon: it may just have been created elsewhere.

/** All projects by slug and id, in memory, for a request's first step. */
export interface Directory {
  resolve(slugOrId: string): Promise<ProjectRef | undefined>;
  all(): Promise<readonly ProjectRef[]>;
  /** The next question reads the database again. */
  forget(): void;
}

interface Loaded {
  atMs: number;
  all: readonly ProjectRef[];
  byName: Map<string, ProjectRef>;
}

export function createDirectory(db: Database, clock: Clock): Directory {
  let loading: Promise<Loaded> | undefined;

  return {
    async resolve(slugOrId) {
      const known = (await loaded(FRESH_MS)).byName.get(slugOrId);
      return known ?? (await loaded(MISSING_FRESH_MS)).byName.get(slugOrId);
    },
    all: async () => (await loaded(FRESH_MS)).all,
    forget: () => {
      loading = undefined;
    },
  };

  async function loaded(freshMs: number): Promise<Loaded> {
    const standing = await loading;
    if (standing !== undefined && clock.now() - standing.atMs < freshMs) return standing;
    const fresh = load();
    loading = fresh;
    fresh.catch(() => {
      if (loading === fresh) loading = undefined;
    });
    return fresh;
  }

  async function load(): Promise<Loaded> {
    const all = await queries.projectRefs(db.reader);
    // A slug goes before an id: ids are 26 characters of our making, but somebody may have chosen one as a slug.
    const byName = new Map([
      ...all.map((ref) => [ref.id, ref] as const),
      ...all.map((ref) => [ref.slug, ref] as const),
    ]);
    return { atMs: clock.now(), all, byName };
  }
}
