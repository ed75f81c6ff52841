import type { Log } from "#lib/log";
import type { Tx } from "#ports/database";

/** A right that one holder has at a time, for a while. Its `fence` rises with every new holder and never falls. */
export interface Lease {
  name: string;
  fence: number;
}

/**
 * Who may do what only one may do at a time. Time is the database's, so that clocks of machines need not agree. A
 * holder that was paused past its time may still believe it holds: what it does is therefore written in
 * transactions that call `assertFence`.
 */
export interface Leases {
  /** Takes the lease if nobody holds it. `holder` is for people who look into the table. */
  acquire(name: string, holder: string, ttlMs: number): Promise<Lease | undefined>;
  /** Holds on for another `ttlMs` from now. False when someone else has taken it. */
  renew(lease: Lease, ttlMs: number): Promise<boolean>;
  /** Gives it back early; does nothing when someone else has taken it. */
  release(lease: Lease): Promise<void>;
  /** Makes the transaction of a former holder fail. Until this one ends, nobody else can take the lease.
   *  @throws AppError `conflict`, reason `fenced` */
  assertFence(tx: Tx, lease: Lease): Promise<void>;
}

/** A lease that renews itself until it is let go. */
export interface KeptLease extends Lease {
  /** Aborts when the lease is lost, or may be lost because the database did not answer in time. */
  signal: AbortSignal;
  /** Stops renewing and gives the lease back. */
  letGo(): Promise<void>;
}

/** Renews a lease at a third of its time, so that two renewals may fail before anyone else can take it. */
export function keepLease(deps: { leases: Leases; log: Log }, lease: Lease, ttlMs: number): KeptLease {
  const { leases, log } = deps;
  const lost = new AbortController();
  let keptAtMs = performance.now();
  let renewing: Promise<void> | undefined;
  const timer = setInterval(() => {
    // A renewal that gets no answer must not hide that the time is over.
    if (performance.now() - keptAtMs >= ttlMs) lost.abort();
    else
      renewing ??= renew().finally(() => {
        renewing = undefined;
      });
  }, ttlMs / 3);
  timer.unref();

  async function renew(): Promise<void> {
    const askedAtMs = performance.now();
    try {
      if (await leases.renew(lease, ttlMs)) keptAtMs = askedAtMs;
      else lost.abort();
    } catch (thrown) {
      log.warn("A lease could not be renewed.", { lease: lease.name, error: thrown });
    }
  }

  return {
    ...lease,
    signal: lost.signal,
    letGo: async () => {
      clearInterval(timer);
      if (!lost.signal.aborted) await renewing; // Else it might renew what was given back.
      lost.abort();
      await leases.release(lease).catch((thrown) => {
        log.warn("A lease could not be given back; it runs out by itself.", {
          lease: lease.name,
          error: thrown,
        });
      });
    },
  };
}
