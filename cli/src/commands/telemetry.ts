import { type LogLine, logLine, telemetryApi } from "@atrium/contract/telemetry";
import { command } from "../lib/command.ts";
import { cell, time } from "../lib/output.ts";
import { readPages } from "../lib/pages.ts";
import { events } from "../lib/server-events.ts";
import { limitOf, moment } from "../lib/values.ts";

const WHERE = {
  labels: { value: "LIST", help: "all must match: role=api,level=error|warn" },
  instance: { help: "the server's own lines and those of all projects" },
} as const;

const search = command({
  name: "logs search",
  summary: "Find log lines: words that must all be there, newest last.",
  words: ["[TEXT…]"],
  flags: {
    ...WHERE,
    since: { value: "WHEN", help: "from then on: 30m, 2h, 7d or a date (default 1h)" },
    until: { value: "WHEN", help: "up to then" },
    limit: { value: "N", help: "the newest so many (default 200)" },
  },
  async run({ words, flags, server, output }) {
    const at = server();
    const filter = {
      text: words.join(" "),
      labels: flags.labels,
      fromMs: moment(flags.since, "since"),
      toMs: moment(flags.until, "until"),
    };
    const items = await readPages(limitOf(flags.limit, 200), (page) => {
      const query = { ...filter, ...page };
      return flags.instance
        ? at.call(telemetryApi.searchInstanceLogs, { query })
        : at.call(telemetryApi.searchLogs, { query, project: at.project });
    });
    items.reverse();
    output.show({ json: { items }, lines: items.map(lineText) });
  },
});

const tail = command({
  name: "logs tail",
  summary: "Print log lines as they come, until interrupted.",
  words: ["[TEXT…]"],
  flags: WHERE,
  async run({ words, flags, server, output }) {
    const at = server();
    const query = { text: words.join(" "), labels: flags.labels };
    const stream = flags.instance
      ? await at.stream(telemetryApi.tailInstanceLogs, { query })
      : await at.stream(telemetryApi.tailLogs, { query, project: at.project });
    for await (const data of events(stream)) {
      const line = logLine.safeParse(data);
      if (!line.success) continue; // A sign of life, or of a newer server: nothing to print.
      output.write(`${output.format === "json" ? JSON.stringify(line.data) : lineText(line.data)}\n`);
    }
  },
});

export const telemetryCommands = [search, tail];

function lineText(line: LogLine): string {
  const facts = { ...line.labels, ...line.fields };
  const rest = Object.entries(facts).filter(([name]) => name !== "level");
  const tags = rest.map(
    ([name, value]) => `${name}=${typeof value === "object" ? JSON.stringify(value) : value}`,
  );
  return cell(`${time(line.atMs)} ${line.level.padEnd(5)} ${line.message}  ${tags.join(" ")}`.trimEnd());
}
