import { join } from "node:path";
import { type Checks, createChecks } from "../../faults/lib/checks.ts";
import { type Answer, ask, must } from "../../faults/lib/client.ts";
import { CLI, type Ended, launch, type Program, type Running } from "../../faults/lib/program.ts";
import type { Server } from "../../lib/server.ts";

export const EXIT_FAILURE = 1;
export const EXIT_USAGE = 2;

/** Where everything happens but what is about projects themselves. */
export const PROJECT = "walk";

export interface Items<T> {
  items: T[];
}

type Given = Pick<Program, "input" | "timeoutMs" | "cwd">;

/** The command line with a home of its own, what it shall do, and which commands have been used. */
export interface Walk {
  checks: Checks;
  home: string;
  server: Server;
  seen: ReadonlySet<string>;
  note(name: string): void;
  /** Runs a command with `--json`, which must succeed and print one JSON value and nothing beside it. */
  json<T>(name: string, ...rest: string[]): Promise<T | undefined>;
  /** Runs a command to its end. */
  atrium(args: readonly string[], settings?: Record<string, string>, given?: Given): Promise<Ended>;
  /** Starts a command that goes on. */
  launch(args: readonly string[]): Running;
  /** What no command does, asked of the project by HTTP. @throws Error when it is refused */
  call<T>(route: `${"GET" | "POST" | "PUT"} ${string}`, body?: object): Promise<T>;
  /** The same of our own API, its answer as it is. */
  own(route: `${"GET" | "POST" | "PUT"} ${string}`, body?: object): Promise<Answer>;
}

export function createWalk({ home, server }: { home: string; server: Server }): Walk {
  const checks = createChecks();
  const seen = new Set<string>();
  const program = (args: readonly string[], settings: Record<string, string> = {}): Program => ({
    args: [CLI, ...args],
    settings: { XDG_CONFIG_HOME: join(home, "config"), ...settings },
  });
  const atrium: Walk["atrium"] = (args, settings, given) =>
    launch({ ...program(args, settings), ...given }).ended;
  const send = (route: string, body?: object): Promise<Answer> => {
    const [method = "", path = ""] = route.split(" ", 2);
    return ask(server, { method, path: `/p/${PROJECT}${path}`, ...(body === undefined ? {} : { body }) });
  };
  return {
    ...{ checks, home, server, seen, atrium },
    note: (name) => void seen.add(name),
    async json<T>(name: string, ...rest: string[]) {
      seen.add(name);
      const ended = await atrium([...name.split(" "), "--json", ...rest]);
      try {
        const value = JSON.parse(ended.stdout) as T;
        checks.that(`${name} ends with 0`, ended.code === 0, ended);
        return value;
      } catch {
        checks.that(`${name} --json prints JSON`, false, ended);
        return undefined;
      }
    },
    launch: (args) => launch(program(args)),
    call: async <T>(route: string, body?: object) => must<T>(await send(route, body)),
    own: (route, body) => {
      const [method = "", path = ""] = route.split(" ", 2);
      return send(`${method} /api/atrium/v1${path}`, body);
    },
  };
}

const WAIT_MS = 60_000; // For what takes a second on a machine that does nothing else.

/** Waits until a program has printed something. @throws Error when it ends or takes too long */
export async function untilPrinted(running: Running, wanted: RegExp): Promise<void> {
  const ended = { yet: false };
  void running.ended.finally(() => {
    ended.yet = true;
  });
  const deadline = performance.now() + WAIT_MS;
  while (!wanted.test(running.printed())) {
    if (ended.yet || performance.now() > deadline)
      throw new Error(`${wanted} was not printed:\n${running.printed()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
