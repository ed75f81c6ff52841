import { hash, parseOptions, verify } from "@node-rs/argon2";
import { newSecret } from "./secret.ts";
import { createTurnstile } from "./turnstile.ts";

// Argon2id as OWASP advises for a server: 19 MiB, two passes, one lane; about 20 ms of one core.
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
const AT_ONCE = 2; // Half of the thread pool: files and flushes keep the other half.
const WAITING_MAX = 64; // The last in line waits about a second; more would give up anyway.
const PLACES_EACH_MAX = 8; // One address cannot fill the line for all the others.

/** Slow hashing of passwords, off the event loop and never too many at once. */
export interface Passwords {
  /** `who` is the address that asks. @throws AppError `exhausted` */
  hash(password: string, who: string): Promise<string>;
  /** Costs the same whether there is a hash or not. @throws AppError `exhausted` */
  matches(stored: string | null | undefined, password: string, who: string): Promise<boolean>;
  /** True when a stored hash was made at another cost than today's. */
  isOutdated(stored: string): boolean;
}

export function createPasswords(): Passwords {
  const turnstile = createTurnstile({
    atOnce: AT_ONCE,
    waitingMax: WAITING_MAX,
    placesEachMax: PLACES_EACH_MAX,
  });
  let nobodys: Promise<string> | undefined;

  return {
    hash: (password, who) => turnstile.pass(who, () => hash(normal(password), COST)),
    async matches(stored, password, who) {
      nobodys ??= hash(newSecret(), COST);
      const standIn = await nobodys; // Awaited for everybody, so that the very first answer tells nothing either.
      const right = await turnstile.pass(who, () => verify(stored ?? standIn, normal(password)));
      return right && typeof stored === "string";
    },
    isOutdated(stored) {
      const made = parseOptions(stored);
      return (
        made.memoryCost !== COST.memoryCost ||
        made.timeCost !== COST.timeCost ||
        made.parallelism !== COST.parallelism
      );
    },
  };
}

/** The same letters typed on two keyboards may differ in code points; the composed form stands for both. */
function normal(password: string): string {
  return password.normalize("NFC");
}
