import { createHmac, randomBytes } from "node:crypto";
import type { Clock } from "#lib/clock";
import { AppError } from "#lib/errors";
import type { Database } from "#ports/database";
import type { Actor } from "./actor.ts";
import { emailKey } from "./email.ts";
import type { Noise } from "./noise.ts";
import type { Passwords } from "./passwords.ts";
import { hasSessionFrom } from "./queries/sessions.ts";
import { userByEmail, userById } from "./queries/users.ts";
import { hashSecret } from "./secret.ts";
import type { UserRow } from "./tables.ts";
import { type Attempt, addressGroup, type Throttle } from "./throttle.ts";

// Programs that know only Basic send the password with every request; checking each would cost 20 ms of a core.
const REMEMBERED_MS = 60_000;
const FRESH_MS = 3000; // A password that another process changed stops working within this time.
const REMEMBERED_MAX = 1000; // Whoever needs more should use tokens, which cost nothing.

/** Checks passwords: slowly, rarely, and alike for those who exist and those who do not. */
export interface PasswordCheck {
  /** @throws AppError `unauthenticated`, `exhausted` */
  once(given: { email: string; password: string }, from: Actor): Promise<UserRow>;
  /** The same, remembered for a minute. */
  again(given: { email: string; password: string }, request: Actor["request"]): Promise<{ id: string }>;
  forgetAll(): void;
}

interface Remembered {
  id: string;
  hash: string | null;
  seenMs: number;
  untilMs: number;
}

export function createPasswordCheck(deps: {
  db: Database;
  clock: Clock;
  passwords: Passwords;
  throttle: Throttle;
  noise: Noise;
}): PasswordCheck {
  const { db, clock, passwords, throttle, noise } = deps;
  const remembered = new Map<string, Remembered>();
  const seal = randomBytes(32); // Lives as long as the process: what is remembered cannot be tried elsewhere.
  let generation = 0;

  return {
    once,
    async again(given, request) {
      const key = createHmac("sha256", seal)
        .update(JSON.stringify([given.email, given.password]))
        .digest("base64");
      const standing = remembered.get(key);
      if (standing !== undefined && (await stillHolds(standing))) return standing;
      const begun = generation;
      const { id, password_hash: hash } = await once(given, unknownFrom(request));
      const nowMs = clock.now();
      remembered.delete(key);
      if (begun === generation)
        remembered.set(key, { id, hash, seenMs: nowMs, untilMs: nowMs + REMEMBERED_MS });
      if (remembered.size > REMEMBERED_MAX) remembered.delete(remembered.keys().next().value ?? "");
      return { id };
    },
    forgetAll: () => {
      generation += 1;
      remembered.clear();
    },
  };

  async function stillHolds(standing: Remembered): Promise<boolean> {
    const nowMs = clock.now();
    if (standing.untilMs <= nowMs) return false;
    if (nowMs - standing.seenMs < FRESH_MS) return true;
    const user = await userById(db.reader, standing.id);
    standing.seenMs = nowMs;
    return user?.password_hash === standing.hash;
  }

  async function once(given: { email: string; password: string }, from: Actor): Promise<UserRow> {
    const { ip } = from.request;
    const key = emailKey(given.email);
    const user = await userByEmail(db.reader, key);
    const refuse = (reason: "throttled" | "wrong") =>
      noise.failure(addressGroup(ip), from, {
        action: "session.refused",
        resource: { type: "user", id: user?.id ?? "unknown" },
        outcome: "denied",
        details: { by: "password", reason },
      });
    const knownHere = () => hasSessionFrom(db.reader, user?.id ?? "", ip);
    const attempt = await throttle
      .attempt({ account: hashSecret(key), ip, knownHere })
      .catch(async (thrown: unknown) => {
        await refuse("throttled");
        throw thrown;
      });
    const right = await matches(user, given.password, { ip, attempt });
    if (user !== undefined && right && user.state === "active") {
      attempt.forgive();
      return user;
    }
    await refuse("wrong");
    throw new AppError("unauthenticated", "E-mail and password do not match.");
  }

  /** An attempt that was turned away at the door, unchecked, is no failure. */
  async function matches(
    user: UserRow | undefined,
    password: string,
    { ip, attempt }: { ip: string; attempt: Attempt },
  ): Promise<boolean> {
    try {
      return await passwords.matches(user?.password_hash, password, addressGroup(ip));
    } catch (thrown) {
      attempt.refund();
      throw thrown;
    }
  }
}

function unknownFrom(request: Actor["request"]): Actor {
  return { kind: "anonymous", id: "anonymous", name: "anonymous", via: { kind: "none", id: "" }, request };
}
