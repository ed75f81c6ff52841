import type { Output } from "./output.ts";
import type { Server } from "./server.ts";

/** One flag. Those with a `value` take one, named so in help; the others are on or off. */
export interface Flag {
  value?: string;
  /** One letter that stands for it, as in `-f`. */
  short?: string;
  help: string;
}

type FlagValues<F extends Record<string, Flag>> = string extends keyof F
  ? Record<string, string | boolean | undefined>
  : { [Name in keyof F]?: F[Name] extends { value: string } ? string : boolean };

/** What a command is handed: its words and flags, already checked for number and name. */
export interface Asked<F extends Record<string, Flag> = Record<string, Flag>> {
  /** Values for `words`, in order; an optional one may be missing. */
  words: string[];
  flags: FlagValues<F>;
  /** Connects on first use, so that commands which need no server ask for none. */
  server(): Server;
  output: Output;
}

/** Everything about one command in one place: arguments, help and deed. */
export interface Command<F extends Record<string, Flag> = Record<string, Flag>> {
  /** As it is typed: `token create`. */
  name: string;
  summary: string;
  /** Arguments as help shows them: `NAME` must be given, `[URL]` may, `RUN…` one or more. */
  words: readonly string[];
  flags: F;
  run(asked: Asked<F>): Promise<void>;
}

/** Declares one command and keeps its flags' types. */
export function command<const F extends Record<string, Flag>>(declared: Command<F>): Command {
  return declared as unknown as Command;
}
