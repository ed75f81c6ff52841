import type { DatasetCheck, DatasetCheckResult, DatasetVersion } from "@atrium/contract/datasets";
import { AppError } from "#lib/errors";
import type { Actor } from "#modules/identity";
import type { Tx } from "#ports/database";
import { runChecks } from "./check-runner.ts";
import { countResults } from "./checks.ts";
import type { DatasetsDeps } from "./deps.ts";
import type { DatasetVersions, NumberedVersionAt } from "./door.ts";
import { type Gate, missingVersion, requireReady } from "./gate.ts";
import * as queries from "./queries.ts";
import { createSealing } from "./sealing.ts";
import { askVersion, type Storage } from "./storage.ts";
import type { DatasetRow, VersionRow } from "./tables.ts";
import { checksOf, columnsOf, type Outcome, resultRows, showOutcome, showVersion } from "./view.ts";

type Certifying = Pick<DatasetVersions, "checkResults" | "runChecks" | "certify" | "withdraw">;

const NOBODY = { certified_by: null, certified_ms: null, certified_note: null };

/** Quality checks and who vouches for what. */
export function createCertifying(deps: DatasetsDeps, gate: Gate, storage: Storage): Certifying {
  const { db, clock, engine } = deps;
  const sealing = createSealing(deps.keys);
  return { checkResults, runChecks: run, certify, withdraw };

  async function checkResults(actor: Actor, at: NumberedVersionAt): Promise<DatasetCheckResult[]> {
    const { version } = await gate.admitVersion(actor, "dataset:read", at);
    const results = (await queries.resultsOf(db.reader, version)).map(async (row) => ({
      ...showOutcome(row),
      examples: await sealing.open<DatasetCheckResult["examples"]>(
        version,
        `examples ${row.ordinal}`,
        row.examples,
      ),
    }));
    return Promise.all(results);
  }

  async function run(actor: Actor, at: NumberedVersionAt): Promise<DatasetCheckResult[]> {
    const { dataset, version } = await gate.admitVersion(actor, "dataset:write", at);
    requireReady(dataset, version);
    const files = await queries.filesOf(db.reader, version);
    const ask = askVersion({ engine, storage }, { version, files });
    const of = {
      columns: columnsOf(version),
      rowCount: version.row_count ?? 0,
      madeMs: version.created_ms,
    };
    const results = await runChecks(ask, checksOf(dataset), { ...of, ranMs: clock.now() });
    const { passed, failed, warned } = countResults(results);
    const rows = await resultRows(version, results, sealing);
    await db.transaction(async (tx) => {
      const now = await toChange(tx, at, version);
      await queries.replaceResults(tx, now, rows);
      const doubted = failed > 0 && now.certified_ms !== null;
      await queries.changeVersion(tx, now, { passed, failed, warned, ...(doubted ? NOBODY : {}) });
      const details = { passed, failed, warned };
      await gate.tell(tx, actor, { action: "dataset.checked", dataset, version: at.version, details });
      if (!doubted) return;
      const withdrawn = { action: "dataset.withdrawn", dataset, version: at.version };
      await gate.tell(tx, actor, { ...withdrawn, details: { because: "checks" } });
    });
    return results;
  }

  async function certify(actor: Actor, at: NumberedVersionAt, note: string): Promise<DatasetVersion> {
    const { dataset, version } = await gate.admitVersion(actor, "dataset:certify", at);
    return change(actor, { at, dataset, version }, async (tx, now) => {
      requireReady(dataset, now);
      const declared = await queries.datasetToChange(tx, dataset.id);
      if (declared === undefined) throw missingVersion(at);
      requirePassed(declared, at, (await queries.resultsOf(tx, now)).map(showOutcome));
      const certification = {
        certified_by: actor.name,
        certified_ms: clock.now(),
        certified_note: note,
      };
      return { changes: certification, action: "dataset.certified" };
    });
  }

  async function withdraw(actor: Actor, at: NumberedVersionAt, note: string): Promise<DatasetVersion> {
    const { dataset, version } = await gate.admitVersion(actor, "dataset:certify", at);
    return change(actor, { at, dataset, version, note }, async (_tx, now) => {
      if (now.certified_ms === null) {
        throw new AppError("conflict", `Version ${at.version} of ${at.name} is not certified.`);
      }
      return { changes: NOBODY, action: "dataset.withdrawn" };
    });
  }

  async function change(
    actor: Actor,
    of: { at: NumberedVersionAt; dataset: DatasetRow; version: VersionRow; note?: string },
    decide: (tx: Tx, now: VersionRow) => Promise<{ changes: Partial<VersionRow>; action: string }>,
  ): Promise<DatasetVersion> {
    const { at, dataset, version } = of;
    return db.transaction(async (tx) => {
      const now = await toChange(tx, at, version);
      const { changes, action } = await decide(tx, now);
      await queries.changeVersion(tx, now, changes);
      const details = of.note === undefined || of.note === "" ? {} : { note: of.note.slice(0, 500) };
      await gate.tell(tx, actor, { action, dataset, version: at.version, details });
      return showVersion(dataset.name, { ...now, ...changes });
    });
  }

  async function toChange(tx: Tx, at: NumberedVersionAt, version: VersionRow): Promise<VersionRow> {
    const now = await queries.versionToChange(tx, version);
    if (now === undefined) throw missingVersion(at);
    return now;
  }
}

/** @throws AppError `conflict` unless every declared check of severity `error` has passed, as it is declared now */
function requirePassed(dataset: DatasetRow, at: NumberedVersionAt, results: readonly Outcome[]): void {
  const passed = new Set(
    results.filter(({ state }) => state === "passed").map(({ check }) => JSON.stringify(check)),
  );
  const open = checksOf(dataset).filter(
    (check) => check.severity === "error" && !passed.has(JSON.stringify(check)),
  );
  const [first] = open;
  if (first === undefined) return;
  const known = results.find((result) => sameCheck(result.check, first));
  const why =
    known === undefined
      ? `the check '${first.name}' has not run as it is now`
      : `the check '${first.name}' does not pass: ${known.message}`;
  throw new AppError("conflict", `Version ${at.version} of ${at.name} cannot be certified: ${why}`, {
    reason: "checks",
  });
}

function sameCheck(a: DatasetCheck, b: DatasetCheck): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
