import type { Clock } from "#lib/clock";
import type { Database } from "#ports/database";
import type { ProjectRef } from "./door.ts";
import * as queries from "./queries.ts";

const FRESH_MS = 5000; // How late another process may learn of a change; our own changes are known at once.
const KEPT_MS = 5 * 60_000; // While the database is away, what was known before answers: serving goes on, and nothing changes.
const MISSING_FRESH_MS = 250; // A name not found is asked for again soon: it may just have been created elsewhere.

/** All projects by slug and id, in memory, for a request's first step. */
export interface Directory {
  resolve(slugOrId: string): Promise<ProjectRef | undefined>;
  /** For what was stored or checked before: a slug that reads like an id is not taken for one. */
  byId(id: string): Promise<ProjectRef | undefined>;
  all(): Promise<readonly ProjectRef[]>;
  /** The next question reads the database again. */
  forget(): void;
}

interface Loaded {
  atMs: number;
  /** When it was last tried to load it again. */
  triedMs: number;
  all: readonly ProjectRef[];
  bySlug: Map<string, ProjectRef>;
  byId: Map<string, ProjectRef>;
}

export function createDirectory(db: Database, clock: Clock): Directory {
  let loading: Promise<Loaded> | undefined;

  return {
    resolve: (slugOrId) => find(({ bySlug, byId }) => bySlug.get(slugOrId) ?? byId.get(slugOrId)),
    byId: (id) => find(({ byId }) => byId.get(id)),
    all: async () => (await loaded(FRESH_MS)).all,
    forget: () => {
      loading = undefined;
    },
  };

  async function find(
    within: (directory: Loaded) => ProjectRef | undefined,
  ): Promise<ProjectRef | undefined> {
    return within(await loaded(FRESH_MS)) ?? within(await loaded(MISSING_FRESH_MS));
  }

  async function loaded(freshMs: number): Promise<Loaded> {
    const standing = await loading;
    if (standing !== undefined && clock.now() - standing.triedMs < freshMs) return standing;
    const fresh = load().catch((thrown: unknown) => {
      if (standing === undefined || clock.now() - standing.atMs >= KEPT_MS) throw thrown;
      return { ...standing, triedMs: clock.now() }; // Not each request shall wait for a database that is away.
    });
    loading = fresh;
    fresh.catch(() => {
      if (loading === fresh) loading = undefined;
    });
    return fresh;
  }

  async function load(): Promise<Loaded> {
    const all = await queries.projectRefs(db.reader);
    const atMs = clock.now();
    return {
      atMs,
      triedMs: atMs,
      all,
      bySlug: new Map(all.map((ref) => [ref.slug, ref])),
      byId: new Map(all.map((ref) => [ref.id, ref])),
    };
  }
}
