/** The closed list of things that can go wrong; each protocol maps them to its own envelope. */
export type ErrorCode =
  | "invalid"
  | "unauthenticated"
  | "forbidden"
  | "not_found"
  | "conflict"
  | "exhausted"
  | "unavailable"
  | "internal";

interface ErrorDetails {
  /** What lies beneath, for the log; never shown to a caller. */
  cause?: unknown;
  /** A finer word than the code, for protocols that need one, such as `already_exists`. */
  reason?: string;
  /** Which input was wrong, as a path such as `body.name`. */
  at?: string;
  /** How long a caller should wait before another try, in whole seconds. */
  retryAfterSeconds?: number;
}

/** An expected failure: its message is safe to show and says what happened, to what, and what to do. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly reason: string | undefined;
  readonly at: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "AppError";
    this.code = code;
    this.reason = details.reason;
    this.at = details.at;
    this.retryAfterSeconds = details.retryAfterSeconds;
  }
}

const STATUS: Record<ErrorCode, number> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  exhausted: 429,
  unavailable: 503,
  internal: 500,
};

/** The HTTP status that stands for a code where a protocol has no table of its own. */
export function statusOf(code: ErrorCode): number {
  return STATUS[code];
}

/** Turns anything thrown into an AppError; what is unknown is `internal` and tells a caller nothing. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  return new AppError(
    "internal",
    "Something went wrong inside Atrium; the log has the details under this request id.",
    {
      cause: thrown,
    },
  );
}

/** States a belief about our own code; a false one is a bug, not an error of the caller. */
export function assert(holds: boolean, belief: string): asserts holds {
  if (!holds) throw new Error(`Broken assumption: ${belief}`);
}
