import type { Log } from "#lib/log";
import type { ServingDeps } from "./deps.ts";

// At once after a quiet time, then so often: each piece of news is a write, and whoever looks on reads again.
const NEWS_EVERY_MS = 15_000;

/** Tells those who look on that an endpoint was asked. */
export interface PredictionNews {
  tell(endpoint: { id: string; projectId: string; name: string }): void;
  stop(): void;
}

export function createPredictionNews({
  db,
  events,
  clock,
  log,
}: Pick<ServingDeps, "db" | "events" | "clock"> & { log: Log }): PredictionNews {
  const toldMs = new Map<string, number>();
  const timers = new Map<string, NodeJS.Timeout>();

  return {
    tell(endpoint) {
      if (timers.has(endpoint.id)) return;
      const dueMs = (toldMs.get(endpoint.id) ?? 0) + NEWS_EVERY_MS;
      const waitMs = Math.min(NEWS_EVERY_MS, Math.max(0, dueMs - clock.now()));
      timers.set(endpoint.id, setTimeout(() => void announce(endpoint), waitMs).unref());
    },
    stop() {
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
    },
  };

  async function announce({ id, projectId, name }: Parameters<PredictionNews["tell"]>[0]): Promise<void> {
    timers.delete(id);
    toldMs.set(id, clock.now());
    const body = { endpointId: id, name };
    await db
      .transaction((tx) => events.announce(tx, { kind: "prediction.logged", projectId, key: id, body }))
      .catch((thrown: unknown) => {
        log.warn("that predictions were made could not be told", { endpoint: id, error: thrown });
      });
  }
}
