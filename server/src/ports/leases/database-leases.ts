import { AppError } from "#lib/errors";
import { newId } from "#lib/ids";
import type { Database } from "#ports/database";
import type { Lease, Leases } from "./leases.ts";
import * as queries from "./queries.ts";

const PROCESS = newId(); // Tells this start of the program from every other.

/** Leases as rows of the store that everyone shares. */
export function createLeases(db: Database): Leases {
  return {
    acquire: async (name, holder, ttlMs): Promise<Lease | undefined> => {
      const fence = await db.transaction((tx) => queries.take(tx, { name, holder, process: PROCESS }, ttlMs));
      return fence === undefined ? undefined : { name, fence };
    },
    renew: ({ name, fence }, ttlMs) => db.transaction((tx) => queries.prolong(tx, name, fence, ttlMs)),
    release: ({ name, fence }) => db.transaction((tx) => queries.giveBack(tx, name, fence)),
    assertFence: async (tx, { name, fence }) => {
      if ((await queries.fenceOf(tx, name)) === fence) return;
      throw new AppError("conflict", `Another process has taken over ${name}; nothing was written.`, {
        reason: "fenced",
      });
    },
  };
}
