/**
 * One recorded request with its answer. Text may hold `$words`: in a request they stand for what earlier answers gave
 * them, in an answer they take what stands there, the same wherever they return. `$time`, `$text` and `$token` stand for
 * any whole number, text and non-empty text. `<v*6000>` is 6,000 times the letter.
 */
export interface Exchange {
  ask: string;
  query?: Record<string, unknown>;
  body?: unknown;
  /** A body of so many bytes instead of JSON. */
  bytes?: number;
  status: number;
  /** Of a refusal only what is given here is compared. */
  answer?: unknown;
}

type Ask = (
  method: string,
  url: string,
  given: { body?: unknown; headers?: Record<string, string> },
) => Promise<{ status: number; text: string }>;

/** Replays exchanges in order; each call answers with how the real answer differs from the recorded one. */
export function createReplay(ask: Ask, mayBeExtra: ReadonlySet<string>) {
  const names = new Map<string, string>();

  async function differences(exchange: Exchange): Promise<string[]> {
    const [method = "", path = ""] = exchange.ask.split(" ");
    const pairs = Object.entries(exchange.query ?? {}).flatMap(([name, value]) =>
      [value].flat().map((one): [string, string] => [name, String(fill(one))]),
    );
    const search = pairs.length === 0 ? "" : `?${new URLSearchParams(pairs)}`;
    const body = exchange.bytes === undefined ? fill(exchange.body) : Buffer.alloc(exchange.bytes, "x");
    const isRaw = exchange.bytes !== undefined;
    const headers: Record<string, string> = isRaw ? { "content-type": "application/octet-stream" } : {};
    const given = body === undefined || exchange.bytes === 0 ? {} : { body };
    const { status, text } = await ask(method, fill(path) + search, { ...given, headers });
    if (status !== exchange.status)
      return [`status ${status} instead of ${exchange.status}: ${text.slice(0, 300)}`];
    if (exchange.answer === undefined) return [];
    return compare(exchange.answer, parse(text), { at: "answer", refusal: status >= 400 });
  }

  interface Place {
    at: string;
    refusal: boolean;
  }

  function compare(wanted: unknown, got: unknown, { at, refusal }: Place): string[] {
    if (Array.isArray(wanted)) {
      if (!Array.isArray(got) || got.length !== wanted.length)
        return [`${at}: ${shown(got)} is no such list`];
      const [left, right] = [sorted(wanted), sorted(got)];
      return left.flatMap((one, i) => compare(one, right[i], { at: `${at}[${i}]`, refusal }));
    }
    if (typeof wanted === "object" && wanted !== null) {
      if (typeof got !== "object" || got === null) return [`${at}: ${shown(got)} is no object`];
      const found = got as Record<string, unknown>;
      const inner = Object.entries(wanted).flatMap(([name, value]) =>
        compare(value, found[name], { at: `${at}.${name}`, refusal }),
      );
      const extra = Object.keys(found).filter(
        (name) => !Object.hasOwn(wanted, name) && !mayBeExtra.has(name),
      );
      return refusal
        ? inner
        : [...inner, ...extra.map((name) => `${at}.${name}: ${shown(found[name])} is too much`)];
    }
    return typeof wanted === "string" && wanted.startsWith("$")
      ? takes(wanted, got, at)
      : equal(fill(wanted), got, at);
  }

  function takes(word: string, got: unknown, at: string): string[] {
    if (word === "$time") return Number.isInteger(got) ? [] : [`${at}: ${shown(got)} is no time`];
    if (typeof got !== "string") return [`${at}: ${shown(got)} is no text`];
    if (word === "$text") return [];
    if (word === "$token") return got === "" ? [`${at}: the token is empty`] : [];
    const known = names.get(word);
    if (known === undefined) names.set(word, got);
    return known === undefined ? [] : equal(known, got, at);
  }

  function fill(value: unknown): unknown {
    if (typeof value === "string") {
      const [, letter, times] = /^<(.)\*(\d+)>$/u.exec(value) ?? [];
      if (letter !== undefined) return letter.repeat(Number(times));
      return value.replaceAll(/\$[a-z]+\d+/g, (word) => names.get(word) ?? word);
    }
    if (Array.isArray(value)) return value.map(fill);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, fill(inner)]));
  }

  return { differences };
}

/** Tags, params, metrics and files are sets to their readers. */
function sorted(list: readonly unknown[]): unknown[] {
  const keyOf = (one: unknown) => {
    const { key, path } = (one ?? {}) as { key?: unknown; path?: unknown };
    return String(key ?? path ?? "");
  };
  return list.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : Number(keyOf(a) > keyOf(b))));
}

function equal(wanted: unknown, got: unknown, at: string): string[] {
  return wanted === got ? [] : [`${at}: ${shown(got)} instead of ${shown(wanted)}`];
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? "nothing").slice(0, 200);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text; // Plain text is an answer too.
  }
}
