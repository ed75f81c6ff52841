const REDACTED = "[redacted]";
const DEPTH_MAX = 6; // Deeper values are object graphs that somebody logged by mistake.
const ENTRIES_MAX = 100; // Of one list or object.
const TEXT_CHARACTERS_MAX = 8 * 1024; // A stack trace fits; a response body that was logged by mistake is cut.
const KNOWN_LENGTH_MIN = 8; // Shorter "secrets" would blacken ordinary words.

/** Takes secrets and personal values out of what is about to be logged. */
export interface Redactor {
  text(value: string): string;
  /** A copy that is plain JSON, bounded in depth and size; errors become their type, message, stack and cause. */
  fields(value: Record<string, unknown>): Record<string, unknown>;
}

// Words of a key name that make its value a secret or personal, once camelCase and snake_case are taken apart.
const SENSITIVE = new Set(
  (
    "password passwords passwd pwd passphrase pin secret secrets token tokens authorization auth bearer cookie cookies " +
    "credential credentials key keys apikey privatekey csrf jwt session sid signature dsn otp email mail phone ip"
  ).split(" "),
);
const SENSITIVE_WHOLE = new Set([
  "displayname",
  "firstname",
  "lastname",
  "fullname",
  "remoteaddress",
  "useragent",
]);
// A last word that says the value only describes the secret: `keyId`, `tokenCount`, `secretName`.
const DESCRIBES = new Set(
  "id ids name names kind type count counts ms bytes days length version prefix".split(" "),
);

/** True when a field of this name may hold a secret or a personal value. */
export function isSensitiveName(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean);
  if (SENSITIVE_WHOLE.has(words.join(""))) return true;
  if (DESCRIBES.has(words.at(-1) ?? "")) return false;
  return words.some((word) => SENSITIVE.has(word));
}

const VALUE = `("(?:[^"\\\\]|\\\\.)*"?|'[^']*'?|[^\\s,;&}\\])]+)`;
const NAMED =
  "(?:passwords?|passwd|pwd|passphrase|secrets?|token|api[-_ ]?key|access[-_]?key|private[-_]?key|authorization|session|credentials?)";

// In this order: a header's scheme must be seen before "authorization: <word>" takes the scheme for the value.
const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]{0,40}KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}KEY-----|$)/g, REDACTED],
  [/\b((?:set-)?cookie["']?\s{0,4}[:=]\s{0,4})[^\r\n]+/gi, `$1${REDACTED}`],
  [/\b(bearer|basic|negotiate|digest)\s{1,4}[\w+/=.~:-]{6,}/gi, `$1 ${REDACTED}`],
  [/([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/@:"']{0,200}:[^\s"'<>]{0,500}@/gi, `$1${REDACTED}@`],
  [/\batrium_[\w.~-]{8,}/g, REDACTED],
  [/\beyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*)?/g, REDACTED],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, REDACTED],
  [/\b(?:gh[pousr]_|github_pat_|glpat-|hf_|sk-|xox[abprs]-|npm_)[\w-]{16,}/g, REDACTED],
  [/([?&#](?:code|key|sig|state)=)[^\s&#"']+/gi, `$1${REDACTED}`],
  [
    new RegExp(`(${NAMED}(?:[_-]?(?:value|text|hash))?\\\\?["']?\\s{0,4}[:=]\\s{0,4})${VALUE}`, "gi"),
    `$1${REDACTED}`,
  ],
  [/[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+/g, "[e-mail]"],
];
// One cheap look that lets nearly every line pass untouched.
const SUSPECT =
  /@|:\/\/|-----BEGIN|cookie|bearer|basic|negotiate|digest|atrium_|eyJ|AKIA|ASIA|gh[pousr]_|github_pat_|glpat-|hf_|sk-|xox|npm_|[?&#](?:code|key|sig|state)=|pass|pwd|secret|token|key|authorization|session|credential/i;

/** `known` are secrets whose shape says nothing, such as an administrator's chosen token. */
export function createRedactor(known: readonly string[] = []): Redactor {
  const exact = known.filter((secret) => secret.length >= KNOWN_LENGTH_MIN);

  function text(value: string): string {
    let clean = value.length > TEXT_CHARACTERS_MAX ? cut(value) : value;
    for (const secret of exact) clean = clean.replaceAll(secret, REDACTED);
    if (!SUSPECT.test(clean)) return clean;
    for (const [shape, instead] of SHAPES) clean = clean.replace(shape, instead);
    return clean;
  }

  function plain(value: unknown, depth: number, seen: readonly unknown[]): unknown {
    switch (typeof value) {
      case "string":
        return text(value);
      case "number":
        return Number.isFinite(value) ? value : String(value);
      case "boolean":
        return value;
      case "bigint":
        return String(value);
      case "object":
        return value === null ? null : ofObject(value, depth, seen);
      default:
        return undefined;
    }
  }

  function ofObject(value: object, depth: number, seen: readonly unknown[]): unknown {
    if (seen.includes(value)) return "[circular]";
    if (value instanceof Uint8Array) return `[${value.byteLength} bytes]`;
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? "[no date]" : value.toISOString();
    if (value instanceof URL) return text(value.href);
    if (depth >= DEPTH_MAX) return "[deeper]";
    const within = [...seen, value];
    if (Array.isArray(value)) return ofList(value, depth, within);
    if (value instanceof Map)
      return ofEntries(
        [...value].map(([k, v]) => [String(k), v]),
        depth,
        within,
      );
    if (value instanceof Set) return ofList([...value], depth, within);
    if (value instanceof Error) return ofEntries(errorEntries(value), depth, within);
    return ofEntries(Object.entries(value), depth, within);
  }

  function ofList(list: readonly unknown[], depth: number, seen: readonly unknown[]): unknown[] {
    const shown = list.slice(0, ENTRIES_MAX).map((item) => plain(item, depth + 1, seen) ?? null);
    return list.length > ENTRIES_MAX ? [...shown, `[${list.length - ENTRIES_MAX} more]`] : shown;
  }

  function ofEntries(
    entries: readonly (readonly [string, unknown])[],
    depth: number,
    seen: readonly unknown[],
  ): Record<string, unknown> {
    const clean: Record<string, unknown> = {};
    for (const [name, value] of entries.slice(0, ENTRIES_MAX)) {
      const hidden =
        isSensitiveName(name) && typeof value !== "boolean" && value !== null && value !== undefined;
      const shown = hidden ? REDACTED : plain(value, depth + 1, seen);
      if (shown !== undefined) clean[text(name)] = shown;
    }
    if (entries.length > ENTRIES_MAX) clean.more = `[${entries.length - ENTRIES_MAX} more]`;
    return clean;
  }

  return { text, fields: (value) => ofEntries(Object.entries(value), 0, [value]) };
}

function errorEntries(error: Error): [string, unknown][] {
  return [
    ["type", error.name],
    ["message", error.message],
    ["stack", error.stack],
    ...(error.cause === undefined ? [] : ([["cause", error.cause]] as [string, unknown][])),
    ...Object.entries(error).filter(([name]) => name !== "cause"),
  ];
}

function cut(value: string): string {
  return `${value.slice(0, TEXT_CHARACTERS_MAX)} [${value.length - TEXT_CHARACTERS_MAX} characters cut]`;
}
