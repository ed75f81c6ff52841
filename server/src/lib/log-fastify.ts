import { format } from "node:util";
import type { FastifyBaseLogger } from "fastify";
import type { Logger, LogLevel } from "./log.ts";

/** Our log in the form that fastify's `loggerInstance` asks for. */
export function fastifyLogger(logger: Logger): FastifyBaseLogger {
  return new FastifyLog(logger, {}) as FastifyBaseLogger;
}

type Bindings = Record<string, unknown>;

/** A class, for fastify makes one a request: its methods must cost nothing to have. */
class FastifyLog {
  readonly #logger: Logger;
  readonly #bindings: Bindings;
  level = "info";

  constructor(logger: Logger, bindings: Bindings) {
    this.#logger = logger;
    this.#bindings = bindings;
  }
  child(bindings: Bindings): FastifyLog {
    return new FastifyLog(this.#logger, { ...this.#bindings, ...bindings });
  }
  trace(...given: unknown[]): void {
    this.#log("debug", given);
  }
  debug(...given: unknown[]): void {
    this.#log("debug", given);
  }
  info(...given: unknown[]): void {
    this.#log("info", given);
  }
  warn(...given: unknown[]): void {
    this.#log("warn", given);
  }
  error(...given: unknown[]): void {
    this.#log("error", given);
  }
  fatal(...given: unknown[]): void {
    this.#log("error", given);
  }
  silent(): void {}

  /** Callers write `(fields, message, ...values)`, `(error, message)` or `(message, ...values)`. */
  #log(level: LogLevel, given: readonly unknown[]): void {
    if (!this.#logger.takes(level)) return;
    const [first, ...rest] = given;
    if (typeof first === "string") {
      this.#logger.log(level, format(first, ...rest), this.#bindings);
      return;
    }
    const fields = first instanceof Error ? { err: first } : fieldsOf(first);
    const text = rest.length > 0 ? format(...rest) : first instanceof Error ? first.message : "";
    this.#logger.log(level, text, { ...this.#bindings, ...fields });
  }
}

function fieldsOf(given: unknown): Bindings {
  if (typeof given !== "object" || given === null) return { value: given };
  const { req, res, ...rest } = given as Bindings;
  return {
    ...rest,
    ...(req === undefined ? {} : { request: requestFacts(req) }),
    ...(res === undefined ? {} : { status: (res as { statusCode?: unknown }).statusCode }),
  };
}

/** Of a request only what names it: headers and queries carry secrets. */
function requestFacts(request: unknown): Bindings {
  const { id, method, url } = request as { id?: unknown; method?: unknown; url?: unknown };
  return { id, method, path: typeof url === "string" ? url.split("?", 1)[0] : undefined };
}
