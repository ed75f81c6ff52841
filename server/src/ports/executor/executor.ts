/**
 * Runs commands so that they outlive us: each attempt has a folder, and everything that is known about it is read from
 * there. Whoever starts after a crash finds what still runs and what has ended meanwhile.
 */
export interface Executor {
  /** Stable name of the machine behind it: only here can its attempts be observed. */
  readonly machine: string;
  readonly capacity: { cores: number; memoryMiB: number };
  /** How each limit is held here, in words for people. */
  readonly limits: { time: string; memory: string; cores: string; output: string };
  /** Makes the attempt's empty working folder, for its owner alone, and answers with its path. What was there goes. */
  prepare(attemptId: string): Promise<string>;
  /**
   * Starts the command in its prepared folder. Again with the same id: nothing, even if the first caller died in the
   * middle of its call.
   * A program that is not there ends with status 127, as in a shell.
   * @throws AppError `unavailable` when the machine cannot start a process now
   */
  start(attempt: Launch): Promise<void>;
  /** Where it stands. */
  state(attemptId: string): Promise<AttemptState>;
  /** Resolves when it has ended, however that came about; limits are held meanwhile. */
  observe(attemptId: string, given: Observing): Promise<Ending>;
  /** Asks every process of it to end, and ends them after `graceMs`. One that has ended is no error. */
  cancel(attemptId: string, graceMs: number): Promise<void>;
  /** What it printed, from a byte position on; empty when there is nothing, or it is not here. */
  output(attemptId: string, from: number, bytesMax: number): Promise<Buffer>;
  /** The folder that was prepared, for laying in and taking out files. */
  folder(attemptId: string): string;
  /** Ends what may still run of it and removes all its files. */
  remove(attemptId: string): Promise<void>;
  /** Every attempt that has files here. */
  list(): Promise<string[]>;
}

export interface Launch {
  attemptId: string;
  /** Program and arguments; a program without a slash is looked for in `variables.PATH`. */
  command: readonly string[];
  /** All of its environment: nothing of ours is passed on. */
  variables: Readonly<Record<string, string>>;
  limits: LaunchLimits;
}

export interface LaunchLimits {
  cores: number;
  memoryMiB: number;
  timeoutMs: number;
  /** Of the working folder, with what was laid into it, and the log. */
  outputMiB: number;
}

export interface Observing {
  /** More was printed; `size` is how many bytes there are now. */
  printed?(size: number): void;
  /** What its processes take, about each second while they run. */
  measured?(usage: Usage): void;
  /** Stops looking; the attempt goes on, and the promise rejects. */
  signal: AbortSignal;
}

/** Of all processes of an attempt together. */
export interface Usage {
  /** Of those that run and those that they have waited for; it may fall when one ends that nobody waits for. */
  cpuSeconds: number;
  residentBytes: number;
  processes: number;
}

export type AttemptState = "absent" | "prepared" | "running" | "ended";

/** `lost`: its processes are gone and left no status, because the machine restarted or someone killed them all. */
export interface Ending {
  kind: "exited" | "timeout" | "memory" | "output" | "cancelled" | "lost";
  /** The status a shell would give: 128 and more for a signal; null when nobody knows. */
  exitCode: number | null;
}
