import { isIPv6 } from "node:net";
import type { Clock } from "#lib/clock";
import { AppError } from "#lib/errors";

const MINUTE_MS = 60_000;

/** So many failures are free; then one more is forgiven each `refillMs`. */
interface Allowance {
  free: number;
  refillMs: number;
}

// A person mistypes a few times; a guesser from one address gets one try a minute at one account.
const ONE_ACCOUNT_FROM_ONE_ADDRESS: Allowance = { free: 6, refillMs: MINUTE_MS };
// An office shares one address; a guesser who walks through accounts gets six tries a minute.
const ONE_ADDRESS: Allowance = { free: 60, refillMs: 10_000 };
// Many addresses together at one account. Whoever was let in from an address before is not counted here, so that
// strangers cannot keep an account's owner out.
const ONE_ACCOUNT: Allowance = { free: 30, refillMs: 15_000 };
const REMEMBERED_MAX = 50_000; // Three to an attempt, about 10 MiB. The one unused for longest goes first.

/** Bounds how often a password can be tried. Counts an attempt as failed before it is checked. */
export interface Throttle {
  /** @throws AppError `exhausted` with the time to wait */
  attempt(given: { account: string; ip: string; knownHere: () => Promise<boolean> }): Promise<Attempt>;
}

export interface Attempt {
  /** The password was right: what this address failed at this account before is forgiven too. */
  forgive(): void;
  /** The password was not looked at. */
  refund(): void;
}

export function createThrottle(clock: Clock): Throttle {
  /** By key, when all its failures will be forgiven. */
  const fullAgainMs = new Map<string, number>();

  return {
    async attempt({ account, ip, knownHere }) {
      const from = addressGroup(ip);
      const pair = { key: `pair ${from} ${account}`, allowance: ONE_ACCOUNT_FROM_ONE_ADDRESS };
      const buckets = [pair];
      if (!(await knownHere())) {
        buckets.push({ key: `from ${from}`, allowance: ONE_ADDRESS });
        buckets.push({ key: `account ${account}`, allowance: ONE_ACCOUNT });
      }
      const waitMs = Math.max(...buckets.map(({ key, allowance }) => waitFor(key, allowance)));
      if (waitMs > 0) {
        throw new AppError("exhausted", "Too many failed sign-ins; wait a moment before the next one.", {
          reason: "throttled",
          retryAfterSeconds: Math.ceil(waitMs / 1000),
        });
      }
      for (const { key, allowance } of buckets) spend(key, allowance.refillMs);
      const refund = () => {
        for (const { key, allowance } of buckets) spend(key, -allowance.refillMs);
      };
      return {
        refund,
        forgive: () => {
          refund();
          fullAgainMs.delete(pair.key);
        },
      };
    },
  };

  function waitFor(key: string, { free, refillMs }: Allowance): number {
    return (fullAgainMs.get(key) ?? 0) - clock.now() - (free - 1) * refillMs;
  }

  function spend(key: string, byMs: number): void {
    const until = Math.max(fullAgainMs.get(key) ?? 0, clock.now()) + byMs;
    fullAgainMs.delete(key);
    if (until <= clock.now()) return;
    fullAgainMs.set(key, until);
    if (fullAgainMs.size > REMEMBERED_MAX) fullAgainMs.delete(fullAgainMs.keys().next().value ?? "");
  }
}

/** An IPv6 household owns a whole /64: all its addresses count as one. */
export function addressGroup(ip: string): string {
  if (!isIPv6(ip)) return ip;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip);
  if (mapped?.[1] !== undefined) return mapped[1];
  const [head = "", tail = ""] = ip.split("::");
  const groups = head === "" ? [] : head.split(":");
  const behind = tail === "" ? 0 : tail.split(":").length;
  while (ip.includes("::") && groups.length + behind < 8) groups.push("0");
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":");
}
