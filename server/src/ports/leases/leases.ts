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
