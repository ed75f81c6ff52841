import { type LogLine, logLine, telemetryApi } from "@atrium/contract/telemetry";
import { command } from "../lib/command.ts";
import { Failure, UsageError } from "../lib/failure.ts";
import { cell, type Output, time } from "../lib/output.ts";
import { readPages } from "../lib/pages.ts";
import type { Server } from "../lib/server.ts";
import { events } from "../lib/server-events.ts";
import { limitOf, moment } from "../lib/values.ts";

const LINES = 200;
const LINES_BEFORE = 10; // What one who follows needs to see where the log is; `tail -f` shows as many.

const logs = command({
  name: "logs",
  summary: "Print log lines that have all the words, newest last; with -f go on until interrupted.",
  words: ["[TEXT…]"],
  flags: {
    follow: { short: "f", help: "go on with lines as they come" },
    labels: { value: "LIST", help: "all must match: role=api,level=error|warn" },
    instance: { help: "the server's own lines and those of all projects" },
    since: { value: "WHEN", help: "from then on: 30m, 2h, 7d or a date (default 1h)" },
    until: { value: "WHEN", help: "up to then" },
    limit: { value: "N", help: `the newest so many (default ${LINES}; ${LINES_BEFORE} with -f)` },
  },
  async run({ words, flags, server, output }) {
    const asked = {
      at: server(),
      of: flags.instance ? ("instance" as const) : ("project" as const),
      match: { text: words.join(" "), labels: flags.labels },
      span: { fromMs: moment(flags.since, "since"), toMs: moment(flags.until, "until") },
    };
    if (!flags.follow) {
      const items = await newest(asked, limitOf(flags.limit, LINES));
      return output.show({ json: { items }, lines: items.map(lineText) });
    }
    if (flags.until !== undefined) throw new UsageError("--until: lines that come have no end in time.");
    await follow(asked, limitOf(flags.limit, LINES_BEFORE), output);
  },
});

export const telemetryCommands = [logs];

interface Question {
  at: Server;
  of: "instance" | "project";
  match: { text: string; labels: string | undefined };
  span: { fromMs: number | undefined; toMs: number | undefined };
}

async function newest({ at, of, match, span }: Question, limit: number): Promise<LogLine[]> {
  const items = await readPages(limit, (page) => {
    const query = { ...match, ...span, ...page };
    return of === "instance"
      ? at.call(telemetryApi.searchInstanceLogs, { query })
      : at.call(telemetryApi.searchLogs, { query, project: at.project });
  });
  return items.reverse();
}

/** It listens first and looks back then: a line between the two is met twice, and printed once. */
async function follow(question: Question, linesBefore: number, output: Output): Promise<never> {
  const { at, of, match } = question;
  const stream =
    of === "instance"
      ? await at.stream(telemetryApi.tailInstanceLogs, { query: match })
      : await at.stream(telemetryApi.tailLogs, { query: match, project: at.project });
  const print = (line: LogLine): void =>
    output.write(`${output.format === "json" ? JSON.stringify(line) : lineText(line)}\n`);
  const before = await newest(question, linesBefore);
  before.forEach(print);
  const printed = new Set(before.map(({ id }) => id));
  for await (const data of events(stream)) {
    const line = logLine.safeParse(data);
    // What is none is a sign of life, or of a newer server.
    if (line.success && !printed.has(line.data.id)) print(line.data);
  }
  throw new Failure(`${at.url} ended the log: it stops, or you may not read it any longer.`);
}

function lineText(line: LogLine): string {
  const facts = { ...line.labels, ...line.fields };
  const rest = Object.entries(facts).filter(([name]) => name !== "level");
  const tags = rest.map(
    ([name, value]) => `${name}=${typeof value === "object" ? JSON.stringify(value) : value}`,
  );
  return cell(`${time(line.atMs)} ${line.level.padEnd(5)} ${line.message}  ${tags.join(" ")}`.trimEnd());
}
