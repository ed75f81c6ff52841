/** Finds Python packages that belong together, and lays them into a folder. */
export interface PythonPackages {
  /** The interpreter that environments are made of. @throws AppError `unavailable` when there is none */
  interpreter(): Promise<Interpreter>;
  /**
   * Exact versions with hashes for a list of requirements.
   * @throws AppError `invalid` with the resolver's words when they cannot be had together, `unavailable` when the index
   * does not answer
   */
  resolve(requirements: readonly string[], signal: AbortSignal): Promise<string>;
  /** As `resolve`, of these packages alone: what they ask for in turn is left out. */
  resolveAlone(requirements: readonly string[], signal: AbortSignal): Promise<string>;
  /**
   * Makes an environment of exactly what a lock lists in a new folder, which may be moved afterwards, and compiles all of its bytecode.
   * @returns `name==version` of everything in it, sorted
   * @throws AppError as `resolve`
   */
  build(lock: string, folder: string, signal: AbortSignal): Promise<string[]>;
  /** Removes an environment or what is left of one. */
  discard(folder: string): Promise<void>;
}

export interface Interpreter {
  program: string;
  /** Two interpreters of one identity can use the same packages. */
  identity: string;
  version: string;
}
