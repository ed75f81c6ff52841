/** A question that cannot be asked, or not answered, in the words of their API. */
export class PromError extends Error {
  readonly errorType: "bad_data" | "execution" | "timeout";

  constructor(errorType: PromError["errorType"], message: string) {
    super(message);
    this.name = "PromError";
    this.errorType = errorType;
  }
}

export function badData(message: string): PromError {
  return new PromError("bad_data", message);
}

export function unsupported(what: string): PromError {
  return badData(`unsupported by this server: ${what}`);
}

export function cannotExecute(message: string): PromError {
  return new PromError("execution", message);
}
