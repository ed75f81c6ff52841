/** What a fault check found out: sentences that hold or do not, and figures. */
export interface Checks {
  /** `seen` is shown when the sentence does not hold. */
  that(sentence: string, holds: boolean, seen?: unknown): void;
  figure(line: string): void;
  /** Something this machine does not allow: said aloud, counted neither way. */
  notRun(what: string): void;
  /** Prints the closing line and sets the exit status. */
  end(): void;
}

const SEEN_CHARACTERS_MAX = 2000;

export function createChecks(): Checks {
  let passed = 0;
  let failed = 0;
  return {
    that(sentence, holds, seen) {
      if (holds) passed += 1;
      else {
        failed += 1;
        say(`FAILED: ${sentence}${seen === undefined ? "" : `\n  seen: ${shown(seen)}`}`);
      }
    },
    figure: say,
    notRun: (what) => say(`NOT RUN: ${what}`),
    end() {
      say(`${passed} passed, ${failed} failed`);
      if (failed > 0) process.exitCode = 1;
    },
  };
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function shown(seen: unknown): string {
  const text = typeof seen === "string" ? seen : JSON.stringify(seen);
  return text.slice(0, SEEN_CHARACTERS_MAX);
}
