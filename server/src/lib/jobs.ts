/** Something a worker does again and again; one process at a time when several run (it holds a lease by this name). */
export interface Job {
  name: string;
  everyMs: number;
  /** Does one round, in small transactions; stops soon after `signal` aborts. A throw is logged and the next round tries again. */
  run(signal: AbortSignal): Promise<void>;
}
