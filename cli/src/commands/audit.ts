import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type AuditRecord, auditApi } from "@atrium/contract/audit";
import { command } from "../lib/command.ts";
import { Failure } from "../lib/failure.ts";
import { facts, table, time } from "../lib/output.ts";
import { readPages } from "../lib/pages.ts";
import { limitOf, moment, oneOf } from "../lib/values.ts";

const FILTER = {
  actor: { value: "ID", help: "what this user or service account did" },
  action: { value: "NAME", help: "a whole action, or its beginning such as 'run.'" },
  outcome: { value: "WORD", help: "done, denied or failed" },
  text: { value: "TEXT", help: "any text within the record" },
  since: { value: "WHEN", help: "from then on: 30m, 2h, 7d or a date" },
  until: { value: "WHEN", help: "up to then" },
} as const;

const list = command({
  name: "audit list",
  summary: "Show the audit trail, newest first: the whole instance's, or with --project a project's.",
  words: [],
  flags: { ...FILTER, limit: { value: "N", help: "at most so many (default 50)" } },
  async run({ flags, server, output }) {
    const at = server();
    const filter = readFilter(flags);
    const project = "project" in flags ? at.project : undefined;
    const items = await readPages(limitOf(flags.limit), (page) => {
      const query = { ...filter, ...page };
      return project === undefined
        ? at.call(auditApi.searchRecords, { query })
        : at.call(auditApi.searchProjectRecords, { query, project });
    });
    output.show({ json: { items }, lines: recordTable(items) });
  },
});

const verify = command({
  name: "audit verify",
  summary: "Recompute the whole trail; name the first bad record, if there is one.",
  words: [],
  flags: {},
  async run({ server, output }) {
    const found = await server().call(auditApi.verifyTrail, {});
    const { fault, intact: _, ...counts } = found;
    const verdict = fault === undefined ? "intact" : `${fault.kind} at record ${fault.seq}: ${fault.message}`;
    output.show({ json: found, lines: facts({ trail: verdict, ...counts }) });
    if (!found.intact) throw new Failure(`The audit trail is not intact: ${verdict}`);
  },
});

const exportTrail = command({
  name: "audit export",
  summary: "Write all matching records, oldest first, to a file or stdout.",
  words: ["[FILE]"],
  flags: { ...FILTER, format: { value: "WORD", help: "ndjson (default) or csv" } },
  async run({ words: [file], flags, server, output }) {
    const format = oneOf(flags.format, "format", ["ndjson", "csv"]) ?? "ndjson";
    const at = server();
    const project = "project" in flags ? { projectId: at.project } : {};
    const query = { ...readFilter(flags), ...project, format };
    const stream = Readable.fromWeb(await at.stream(auditApi.exportRecords, { query }));
    if (file === undefined) return pipeline(stream, process.stdout, { end: false });
    await pipeline(stream, createWriteStream(file, { flags: "wx", mode: 0o600 })).catch((error: Error) => {
      throw new Failure(`Cannot write ${file}: ${error.message}`);
    });
    output.show({ json: { file, format }, lines: [`Wrote ${file}.`] });
  },
});

export const auditCommands = [list, verify, exportTrail];

type FilterFlags = { [Name in keyof typeof FILTER]?: string };

function readFilter(flags: FilterFlags) {
  return {
    actorId: flags.actor,
    action: flags.action,
    outcome: oneOf(flags.outcome, "outcome", ["done", "denied", "failed"]),
    text: flags.text,
    fromMs: moment(flags.since, "since"),
    toMs: moment(flags.until, "until"),
  };
}

function recordTable(records: readonly AuditRecord[]): string[] {
  return table(
    ["SEQ", "TIME (UTC)", "WHO", "ACTION", "WHAT", "OUTCOME"],
    records.map((r) => [
      r.seq,
      time(r.atMs),
      r.actor.name,
      r.action,
      `${r.resource.type} ${r.resource.name ?? r.resource.id}`,
      r.outcome,
    ]),
  );
}
