/** Time as the domain sees it: whole milliseconds since 1970 UTC. Tests pass a clock they can move. */
export interface Clock {
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };
