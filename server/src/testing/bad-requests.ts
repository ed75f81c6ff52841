/** Generates requests that nobody should send, the same ones for the same seed. */
export interface BadRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  payload?: string;
}

export interface Target {
  method: string;
  url: string;
}

const NASTY_TEXT = [
  "",
  " ",
  "..",
  "../../etc/passwd",
  "..\\..\\windows",
  "%2e%2e%2f",
  "%252e%252e%252f",
  "a/../b",
  "a;b",
  "a#b",
  "a%00b",
  "\u0000",
  "\u202e\u0000",
  "💥",
  "e\u0301",
  "\ud800",
  "' OR 1=1 --",
  "'; drop table runs; --",
  "$" + "{7*7}",
  "<script>alert(1)</script>",
  "NaN",
  "Infinity",
  "-0",
  "1e999",
  "9223372036854775808",
  "-1",
  "0x10",
  "null",
  "true",
  "[]",
  "{}",
  "x".repeat(10_000),
];
const NASTY_VALUES: unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  -1e308,
  2 ** 53,
  2 ** 63,
  [],
  {},
  [[]],
  [null],
  { a: { b: { c: [] } } },
  ...NASTY_TEXT,
];
const FIELDS = [
  "experiment_id",
  "experiment_ids",
  "run_id",
  "run_uuid",
  "name",
  "key",
  "value",
  "timestamp",
  "step",
  "metrics",
  "params",
  "tags",
  "filter",
  "filter_string",
  "order_by",
  "max_results",
  "page_token",
  "version",
  "alias",
  "model_id",
  "source",
  "path",
  "run_view_type",
  "status",
  "start_time",
  "end_time",
  "new_name",
  "description",
  "stage",
  "datasets",
  "models",
  "inputs",
  "email",
  "password",
  "scopes",
  "role",
  "slug",
  "expiresAtMs",
  "limit",
  "pageToken",
  "ids",
  "details",
  "from",
  "to",
  "labels",
  "text",
];
const MEDIA_TYPES = [
  "application/json",
  "application/json; charset=utf-16",
  "text/plain",
  "application/x-protobuf",
  "multipart/form-data; boundary=",
  "",
];
const BROKEN_BODIES = [
  "{",
  "[1,",
  '{"a":}',
  "\u0000",
  '"text"',
  "12",
  "nul",
  '{"__proto__":{"x":1}}',
  '{"constructor":{"prototype":{"x":1}}}',
  `${"[".repeat(2000)}`,
  '{"value":NaN}',
  '{"value":Infinity}',
];

/** One bad request for the target, decided by `random` (0 ≤ x < 1) alone. */
export function badRequest(target: Target, random: () => number): BadRequest {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const path = target.url.replace(/:\w+(\([^)]*\))?|\*/g, () => pathText(pick(NASTY_TEXT)));
  const query =
    random() < 0.5
      ? ""
      : `?${Array.from({ length: 3 }, () => `${pick(FIELDS)}=${pathText(pick(NASTY_TEXT))}`).join("&")}`;
  const url = (random() < 0.1 ? `/p/${pathText(pick(NASTY_TEXT))}` : "") + path + query;
  const hasBody = target.method !== "GET" && target.method !== "HEAD";
  if (!hasBody) return { method: target.method, url, headers: {} };
  const payload = random() < 0.2 ? pick(BROKEN_BODIES) : JSON.stringify(value(random, pick, 0));
  const mediaType = random() < 0.85 ? "application/json" : pick(MEDIA_TYPES);
  return {
    method: target.method,
    url,
    headers: mediaType === "" ? {} : { "content-type": mediaType },
    payload,
  };
}

function value(random: () => number, pick: <T>(from: readonly T[]) => T, depth: number): unknown {
  if (depth > 3 || random() < 0.3)
    return depth === 0 ? { [pick(FIELDS)]: pick(NASTY_VALUES) } : pick(NASTY_VALUES);
  if (depth > 0 && random() < 0.4)
    return Array.from({ length: Math.floor(random() * 4) }, () => value(random, pick, depth + 1));
  const fields = Array.from({ length: 1 + Math.floor(random() * 5) }, () => [
    pick(FIELDS),
    value(random, pick, depth + 1),
  ]);
  return Object.fromEntries(fields);
}

/** As an attacker would put it into an address: sometimes encoded, sometimes raw where raw is legal. */
function pathText(text: string): string {
  return text.includes("%") ? text : encodeURIComponent(text.toWellFormed());
}

/** Mulberry32: small, fast, and the same on every machine. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
