import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { AppError } from "#lib/errors";
import { explainDisk } from "#lib/files";
import { newId } from "#lib/ids";
import { decodePageTokenFor, encodePageTokenFor } from "#lib/paging";
import { keepLease } from "#ports/leases";
import type { ComputeDeps } from "./deps.ts";
import type { EnvironmentSpec, Environments, ReadyEnvironment } from "./door.ts";
import * as queries from "./environment-queries.ts";
import { digestOf, readRequirements } from "./requirements.ts";
import { createShared } from "./shared.ts";

const LOCK_KEPT_MS = 24 * 3600 * 1000; // Jobs of one day agree; the next day's get what was published meanwhile.
const LEASE_MS = 30_000;
const LOOK_EVERY_MS = 500; // How often one who waits for another process's build looks whether it is there.
const ABANDONED_MS = 2 * 3600 * 1000; // A build takes half an hour at most, so this one has nobody left.
const NOTED_EVERY_MS = 60_000; // People see when an environment was used last, by the minute.
const REMEMBERED_MAX = 500; // Environments of a machine; each is a name and its packages.
const FACTS_FILE = "atrium-environment.json";
const UNFINISHED = ".unfinished-";

const Facts = z.object({ packages: z.array(z.string()), python: z.string() });

type EnvironmentsDeps = Pick<
  ComputeDeps,
  "db" | "clock" | "log" | "leases" | "access" | "packages" | "environmentsDirectory"
> & { machine: string };

export interface EnvironmentsKeeping {
  /** Whether one is there, so that asking for it takes no time. No requirements at all need none. */
  stands(spec: {
    requirements: readonly string[] | null;
    alone: readonly string[];
    besides: Readonly<Record<string, { requirements: readonly string[]; alone: readonly string[] }>>;
  }): Promise<boolean>;
  sweep(signal: AbortSignal): Promise<void>;
}

/** Environments of this machine: each a folder that is there whole or not at all, named by what is in it. */
export function createEnvironments(deps: EnvironmentsDeps): Environments & EnvironmentsKeeping {
  const { db, clock, log, leases, access, packages, environmentsDirectory: directory } = deps;
  const holder = `${deps.machine}:${newId()}`;
  // Who asks for the same thing at the same time gets the same answer; nobody's leaving ends it for the others.
  const locks = createShared<string>();
  const builds = createShared<ReadyEnvironment>();

  // What was asked for lately, so that a job that is the same as the one before costs nothing. Digests never change meaning.
  const resolved = new Map<string, { digest: string; createdMs: number }>();
  const found = new Map<string, ReadyEnvironment>();
  const noted = new Map<string, number>();

  return { ensure, stands, list, sweep };

  async function ensure(
    ...[actor, projectId, spec, signal]: Parameters<Environments["ensure"]>
  ): Promise<ReadyEnvironment> {
    await access.require(actor, "job:write", { kind: "project", projectId });
    const { key, asked } = await keyOf(spec);
    const { requirements, alone } = asked;
    const known = await standing(key);
    const ready = known ?? (await make(key, asked, signal));
    await noteUse(projectId, [...requirements, ...alone], ready);
    return ready;
  }

  async function stands({ requirements, alone, besides }: Parameters<EnvironmentsKeeping["stands"]>[0]) {
    const wanted = [...(requirements === null ? [] : [{ requirements, alone }]), ...Object.values(besides)];
    for (const one of wanted) if ((await standing((await keyOf(one)).key)) === undefined) return false;
    return true;
  }

  async function keyOf(spec: EnvironmentSpec): Promise<{ key: string; asked: Asked }> {
    const requirements = readRequirements(spec.requirements);
    const alone = readRequirements(spec.alone ?? []);
    const { identity } = await packages.interpreter();
    const key = digestOf(identity, ...requirements, ...alone.map((line) => `alone ${line}`));
    return { key, asked: { requirements, alone } };
  }

  /** The one that these lines were resolved to within the day. */
  async function standing(key: string): Promise<ReadyEnvironment | undefined> {
    const isFresh = (one: { createdMs: number } | undefined) =>
      one !== undefined && one.createdMs > clock.now() - LOCK_KEPT_MS;
    const lately = resolved.get(key);
    const kept = isFresh(lately) ? lately : await resolvedBefore(key);
    if (kept === undefined || !isFresh(kept)) return undefined;
    remember(resolved, key, kept);
    return find(kept.digest);
  }

  async function resolvedBefore(key: string): Promise<{ digest: string; createdMs: number } | undefined> {
    const lock = await queries.lockOf(db.reader, key);
    if (lock === undefined) return undefined;
    const { identity } = await packages.interpreter();
    return { digest: digestOf(identity, lock.lock_text), createdMs: lock.created_ms };
  }

  async function make(key: string, asked: Asked, signal: AbortSignal | undefined) {
    const lock = await locks.get(key, (stop) => lockFor(key, asked, stop), signal);
    const { identity } = await packages.interpreter();
    const digest = digestOf(identity, lock);
    return (await find(digest)) ?? builds.get(digest, (stop) => buildOnce(digest, lock, stop), signal);
  }

  async function lockFor(key: string, asked: Asked, signal: AbortSignal): Promise<string> {
    const known = await queries.lockOf(db.reader, key);
    if (known !== undefined && known.created_ms > clock.now() - LOCK_KEPT_MS) return known.lock_text;
    try {
      const lock = await resolve(asked, signal);
      const row = { requirements_digest: key, lock_text: lock, created_ms: clock.now() };
      await db.transaction((tx) => queries.saveLock(tx, row));
      return lock;
    } catch (thrown) {
      // Away from the index, what was resolved before is better than nothing.
      if (known === undefined || !(thrown instanceof AppError && thrown.code === "unavailable")) throw thrown;
      return known.lock_text;
    }
  }

  /** What is wanted alone is left out where the rest asks for it anyway. */
  async function resolve({ requirements, alone }: Asked, signal: AbortSignal): Promise<string> {
    const lock = requirements.length === 0 ? "" : await packages.resolve(requirements, signal);
    const locked = new Set(lock.split("\n").map(nameOf));
    const missing = alone.filter((line) => !locked.has(nameOf(line)));
    return missing.length === 0 ? lock : `${lock}\n${await packages.resolveAlone(missing, signal)}`;
  }

  /** Builds under a lease of this machine, so that processes that share its disk build once between them. */
  async function buildOnce(digest: string, lock: string, signal: AbortSignal): Promise<ReadyEnvironment> {
    for (;;) {
      const name = `compute.environment.${deps.machine}.${digest}`;
      const lease = await leases.acquire(name, holder, LEASE_MS);
      const standing = await find(digest);
      if (lease !== undefined) {
        const kept = keepLease({ leases, log }, lease, LEASE_MS);
        try {
          return standing ?? (await build(digest, lock, AbortSignal.any([signal, kept.signal])));
        } finally {
          await kept.letGo();
        }
      }
      if (standing !== undefined) return standing;
      await sleep(LOOK_EVERY_MS, undefined, { signal });
    }
  }

  async function build(digest: string, lock: string, signal: AbortSignal): Promise<ReadyEnvironment> {
    const beside = join(directory, `${digest}${UNFINISHED}${newId()}`);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    try {
      const { version } = await packages.interpreter();
      const installed = await packages.build(lock, beside, signal);
      signal.throwIfAborted();
      await writeFile(
        `${beside}.facts`,
        JSON.stringify({ packages: installed, python: version } satisfies z.infer<typeof Facts>),
      );
      // The folder counts once its facts are there, so they come first.
      await rename(`${beside}.facts`, join(directory, `${digest}.${FACTS_FILE}`));
      await rename(beside, join(directory, digest));
    } catch (thrown) {
      await packages.discard(beside).catch(() => {}); // The sweep tries again; what went wrong matters more.
      throw explainDisk(thrown);
    }
    const ready = await find(digest);
    if (ready === undefined) throw new Error(`The environment ${digest} went away while it was built.`);
    return ready;
  }

  async function find(digest: string): Promise<ReadyEnvironment | undefined> {
    const folder = join(directory, digest);
    const python = join(folder, "bin/python");
    if (!existsSync(folder)) return undefined;
    const known = found.get(digest);
    if (known !== undefined) return known;
    const text = await readFile(join(directory, `${digest}.${FACTS_FILE}`), "utf8");
    const ready = { digest, folder, python, packages: Facts.parse(JSON.parse(text)).packages };
    remember(found, digest, ready);
    return ready;
  }

  async function noteUse(
    projectId: string,
    requirements: readonly string[],
    ready: ReadyEnvironment,
  ): Promise<void> {
    const { version } = await packages.interpreter();
    const nowMs = clock.now();
    const key = digestOf(projectId, ready.digest, ...requirements);
    if (nowMs - (noted.get(key) ?? Number.NEGATIVE_INFINITY) < NOTED_EVERY_MS) return;
    await db.transaction((tx) =>
      queries.saveUse(tx, {
        project_id: projectId,
        digest: ready.digest,
        requirements: JSON.stringify(requirements),
        packages: JSON.stringify(ready.packages),
        python: version,
        created_ms: nowMs,
        used_ms: nowMs,
      }),
    );
    remember(noted, key, nowMs);
  }

  async function list(...[actor, projectId, asked]: Parameters<Environments["list"]>) {
    await access.require(actor, "job:read", { kind: "project", projectId });
    const question = ["environments", projectId];
    const [usedMs, digest] =
      asked.pageToken === undefined ? [] : decodePageTokenFor(question, asked.pageToken, ["whole", "text"]);
    const before = usedMs === undefined ? undefined : { usedMs: Number(usedMs), digest: String(digest) };
    const rows = await queries.environmentsPage(db.reader, { projectId, before, limit: asked.pageSize + 1 });
    const items = rows.slice(0, asked.pageSize).map((row) => ({
      digest: row.digest,
      packages: Texts.parse(JSON.parse(row.packages)),
      requirements: Texts.parse(JSON.parse(row.requirements)),
      python: row.python,
      createdMs: row.created_ms,
      usedMs: row.used_ms,
    }));
    const last = items.at(-1);
    return rows.length > items.length && last !== undefined
      ? { items, nextToken: encodePageTokenFor(question, [last.usedMs, last.digest]) }
      : { items };
  }

  /** Removes builds that nobody finished. */
  async function sweep(signal: AbortSignal): Promise<void> {
    const names = existsSync(directory) ? await readdir(directory) : [];
    for (const name of names.filter((one) => one.includes(UNFINISHED))) {
      if (signal.aborted) return;
      const folder = join(directory, name);
      const { mtimeMs } = await stat(folder);
      if (mtimeMs < Date.now() - ABANDONED_MS) await packages.discard(folder);
    }
    await db.transaction((tx) => queries.removeLocks(tx, clock.now() - 30 * LOCK_KEPT_MS, LOCKS_STEP));
  }
}

/** Keeps the newest. */
function remember<T>(kept: Map<string, T>, key: string, value: T): void {
  kept.delete(key);
  kept.set(key, value);
  const [oldest] = kept.keys();
  if (kept.size > REMEMBERED_MAX && oldest !== undefined) kept.delete(oldest);
}

interface Asked {
  requirements: readonly string[];
  alone: readonly string[];
}

/** The name at the beginning of a requirement, as indexes compare names. */
function nameOf(line: string): string {
  const [name = ""] = /^[A-Za-z0-9._-]*/.exec(line) ?? [];
  return name.toLowerCase().replaceAll(/[._-]+/g, "-");
}

const Texts = z.array(z.string());
const LOCKS_STEP = 500;
