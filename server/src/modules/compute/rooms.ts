import type { Room } from "./spec.ts";

/** What takes room of a machine: in the order of the queue, by when it was due. */
export interface RoomAsked extends Room {
  id: string;
  dueMs: number;
}

/**
 * Cores and memory of this machine, handed to its jobs; what takes no cores stands beside them and waits for nothing. Kept in
 * memory: one process runs a machine's jobs at a time.
 */
export interface Rooms {
  /** Gives room at once; false when there is too little, or somebody waits for it. */
  take(asked: RoomAsked): boolean;
  /** For what runs already, whether there is room for it or not. */
  grant(asked: RoomAsked): void;
  /**
   * Resolves when it has room: at once when it has it already. Whoever was due first gets it first, and is not overtaken by
   * smaller ones, or it might wait for ever.
   */
  wait(asked: RoomAsked, signal: AbortSignal): Promise<void>;
  has(id: string): boolean;
  /** Gives back what it has, if it has any. */
  release(id: string): void;
}

export function createRooms(capacity: Room): Rooms {
  const held = new Map<string, Room>();
  const waiting: { asked: RoomAsked; admit: () => void }[] = [];

  return {
    take(asked) {
      if (asked.cores > 0 && (waiting.length > 0 || !fits(asked))) return false;
      held.set(asked.id, asked);
      return true;
    },
    grant(asked) {
      held.set(asked.id, asked);
    },
    wait(asked, signal) {
      if (held.has(asked.id)) return Promise.resolve();
      if (asked.cores === 0) {
        held.set(asked.id, asked);
        return Promise.resolve();
      }
      return new Promise((resolve, reject) => {
        const one = { asked, admit };
        const leave = (): void => {
          waiting.splice(waiting.indexOf(one), 1);
          admitWaiting();
          reject(signal.reason as Error);
        };
        function admit(): void {
          signal.removeEventListener("abort", leave);
          resolve();
        }
        if (signal.aborted) {
          reject(signal.reason as Error);
          return;
        }
        signal.addEventListener("abort", leave, { once: true });
        waiting.push(one);
        waiting.sort((a, b) => a.asked.dueMs - b.asked.dueMs || (a.asked.id < b.asked.id ? -1 : 1));
        admitWaiting();
      });
    },
    has: (id) => held.has(id),
    release(id) {
      if (held.delete(id)) admitWaiting();
    },
  };

  function fits({ cores, memoryMiB }: Room): boolean {
    let [coresHeld, memoryHeld] = [0, 0];
    for (const room of held.values()) {
      coresHeld += room.cores;
      memoryHeld += room.memoryMiB;
    }
    return coresHeld + cores <= capacity.cores && memoryHeld + memoryMiB <= capacity.memoryMiB;
  }

  function admitWaiting(): void {
    for (let first = waiting[0]; first !== undefined && fits(first.asked); first = waiting[0]) {
      waiting.shift();
      held.set(first.asked.id, first.asked);
      first.admit();
    }
  }
}
