import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AppError } from "#lib/errors";
import { actorNamed } from "../../testing/artifacts.ts";
import { openDatasets, PROJECT } from "./testing.ts";

const PEOPLE = "name,age\nAda,36\nGrace,85\nnobody,\n";
type Open = Awaited<ReturnType<typeof openDatasets>>;
let here: Open;

beforeEach(async () => {
  here = await openDatasets();
  await here.create("people");
});
afterEach(() => here.close());

describe("a version", () => {
  test("is pending until the worker has looked at it, then says what it holds", async () => {
    const made = await here.upload("people", PEOPLE);
    expect(made).toMatchObject({ version: 1, state: "pending", source: { kind: "upload" }, files: 1 });
    expect(made.digest).toMatch(/^[0-9a-f]{64}$/);
    const early = here.versions.profile(here.owner, { ...here.at("people"), version: 1 });
    await expect(early).rejects.toMatchObject({ code: "conflict", reason: "pending" });
    await here.prepare();
    const version = await here.versions.get(here.owner, { ...here.at("people"), version: 1 });
    expect(version).toMatchObject({
      state: "ready",
      rowCount: 3,
      columns: [
        { name: "name", type: "VARCHAR", nullable: false },
        { name: "age", type: "BIGINT", nullable: true },
      ],
      checks: { passed: 0, failed: 0, warned: 0 },
    });
    expect(here.told.map(({ kind }) => kind)).toEqual([
      "dataset.created",
      "dataset.version-created",
      "dataset.version-ready",
    ]);
  });

  test("is not made twice of the same content, and its number is never given again", async () => {
    const first = await here.ready("people", PEOPLE);
    expect(await here.upload("people", PEOPLE)).toEqual(first);
    const second = await here.ready("people", `${PEOPLE}Alan,41\n`);
    expect(second.version).toBe(2);
    await here.versions.remove(here.owner, { ...here.at("people"), version: 2 }, "unless-used");
    expect((await here.upload("people", "a\n1\n")).version).toBe(3);
    expect((await here.datasets.get(here.owner, here.at("people"))).versions).toBe(2);
  });

  test("that failed is made anew of the same content, for the content may not have been why", async () => {
    const { engine } = here;
    const whole = engine.export;
    engine.export = async () => {
      throw new AppError("exhausted", "The answer is larger than an engine may write.");
    };
    expect(await here.ready("people", PEOPLE)).toMatchObject({ version: 1, state: "failed" });
    expect(await here.ready("people", PEOPLE)).toMatchObject({ version: 2, state: "failed" });
    engine.export = whole;
    const third = await here.ready("people", PEOPLE);
    expect(third).toMatchObject({ version: 3, state: "ready", rowCount: 3 });
    expect(await here.upload("people", PEOPLE)).toEqual(third);
    const first = await here.versions.get(here.owner, { ...here.at("people"), version: 1 });
    expect(first).toMatchObject({ state: "failed", reason: expect.stringMatching(/larger/) });
  });

  test("of two that come at once with the same content there is one", async () => {
    const [a, b] = await Promise.all([here.upload("people", PEOPLE), here.upload("people", PEOPLE)]);
    expect(a?.version).toBe(b?.version);
    await here.clear();
    here.time.nowMs += 3 * 24 * 3600 * 1000;
    await here.clear();
    await here.collect();
    expect(await here.objects()).toHaveLength(1);
  });

  test.each([
    ["json", '{"a":1,"tags":["x"]}\n{"a":null,"tags":[]}\n', ["BIGINT", "VARCHAR[]"]],
    ["csv", "a;b\n1;2001-02-03\n2;2001-02-04\n", ["BIGINT", "DATE"]],
  ] as const)(
    "of %s is read as the Parquet that was made of it, and given back as it came",
    async (format, text, types) => {
      const version = await here.ready("people", text, format);
      expect(version.columns?.map(({ type }) => type)).toEqual(types);
      const at = { ...here.at("people"), version: 1 };
      const { table } = await here.datasets.table(here.owner, at);
      expect(table.format).toBe("parquet");
      const file = await here.versions.file(here.owner, at, 0);
      expect((await buffer(await file.open())).toString()).toBe(text);
      expect((await here.versions.rows(here.owner, at, { offset: 1, limit: 5 })).rows).toHaveLength(1);
    },
  );

  test.each([
    ["no Parquet at all", Buffer.from("name,age\n"), /no parquet|too small|magic bytes/i],
    ["Parquet cut off", Buffer.from(`PAR1${"x".repeat(2000)}`), /magic bytes/i],
  ])(
    "of %s fails with the engine's words, and the next one is looked at all the same",
    async (_, bytes, words) => {
      await here.upload("people", bytes, "parquet");
      const good = await here.ready("people", PEOPLE);
      const bad = await here.versions.get(here.owner, { ...here.at("people"), version: 1 });
      expect(bad).toMatchObject({ state: "failed", reason: expect.stringMatching(words) });
      expect(bad.reason).not.toContain("/proc");
      expect(good.state).toBe("ready");
      const read = here.versions.rows(
        here.owner,
        { ...here.at("people"), version: 1 },
        { offset: 0, limit: 1 },
      );
      await expect(read).rejects.toMatchObject({ code: "conflict", reason: "failed" });
    },
  );

  test("that is empty, cut off, or not what was announced leaves nothing", async () => {
    const broken = new Readable({
      read() {
        this.push(Buffer.from("name\n"));
        this.destroy(new Error("connection reset"));
      },
    });
    const given = { format: "csv" } as const;
    const { versions, owner } = here;
    const at = here.at("people");
    await expect(versions.upload(owner, at, Readable.from([]), given)).rejects.toMatchObject({
      code: "invalid",
    });
    await expect(versions.upload(owner, at, broken, given)).rejects.toMatchObject({ code: "invalid" });
    const digest = { ...given, expectedDigest: "0".repeat(64) };
    const other = versions.upload(owner, at, Readable.from([Buffer.from(PEOPLE)]), digest);
    await expect(other).rejects.toMatchObject({ code: "invalid" });
    expect((await versions.list(owner, at, { pageSize: 10 })).items).toEqual([]);
    expect(
      (await here.artifacts.list(owner, { projectId: PROJECT, path: "datasets" }, { pageSize: 10 })).items,
    ).toEqual([]);
  });

  test("outlives an engine that is killed while it is looked at", async () => {
    const rows = Array.from({ length: 200_000 }, (_, i) => `${i},word ${i % 977}`).join("\n");
    await here.upload("people", `n,word\n${rows}\n`);
    const looking = here.prepare().catch(() => {});
    await expect.poll(() => here.engine.children().length, { timeout: 20_000 }).toBeGreaterThan(0);
    for (const pid of here.engine.children()) process.kill(pid, "SIGKILL");
    await looking;
    here.time.nowMs += 60_000;
    await here.prepare();
    const version = await here.versions.get(here.owner, { ...here.at("people"), version: 1 });
    expect(version).toMatchObject({ state: "ready", rowCount: 200_000 });
  });

  test("that was never finished, however often it was begun, fails", async () => {
    await here.upload("people", PEOPLE);
    const query = here.engine.export;
    here.engine.export = () => {
      for (const pid of here.engine.children()) process.kill(pid, "SIGKILL");
      return query(
        { tables: {}, sql: "SELECT count(*) FROM range(100000000) a, range(100000) b" },
        { timeoutMs: 1 },
      ).catch(() => Promise.reject(new Error("The engine went away.")));
    };
    for (let i = 0; i < 6; i += 1) {
      await here.prepare().catch(() => {});
      here.time.nowMs += 1_000_000;
    }
    const version = await here.versions.get(here.owner, { ...here.at("people"), version: 1 });
    expect(version).toMatchObject({ state: "failed", reason: expect.stringMatching(/again and again/) });
  });
});

describe("a version made of others", () => {
  test("by SQL holds the answer, comes from its inputs, and is the same for the same question", async () => {
    await here.ready("people", PEOPLE);
    await here.create("adults");
    const source = {
      kind: "sql",
      sql: "SELECT name FROM p WHERE age > 40",
      inputs: { p: { dataset: "people" } },
    } as const;
    const made = await here.versions.create(here.owner, here.at("adults"), { source });
    expect(made.source).toMatchObject({ inputs: { p: { dataset: "people", version: 1 } } });
    await here.prepare();
    const at = { ...here.at("adults"), version: 1 };
    const ready = await here.versions.get(here.owner, at);
    expect(ready).toMatchObject({ state: "ready", rowCount: 1, files: 1 });
    expect((await here.versions.rows(here.owner, at, { offset: 0, limit: 9 })).rows).toEqual([["Grace"]]);
    expect(await here.versions.create(here.owner, here.at("adults"), { source })).toEqual(ready);
    const from = { type: "dataset", id: "adults", version: "1" };
    const { edges } = await here.lineage.walk(here.owner, {
      projectId: PROJECT,
      from,
      direction: "up",
      depthMax: 3,
    });
    expect(edges).toMatchObject([
      { from, relation: "derived", to: { type: "dataset", id: "people", version: "1" } },
    ]);
  });

  test("by SQL that does not run fails with the engine's words; SQL that reads elsewhere does too", async () => {
    await here.ready("people", PEOPLE);
    const statements = [
      "SELECT nothing FROM p",
      "SELECT * FROM read_text('/etc/passwd')",
      "DROP TABLE p",
      "SELECT 1) TO '/tmp/x' --",
    ];
    for (const sql of statements) {
      const source = { kind: "sql", sql, inputs: { p: { dataset: "people" } } } as const;
      const { version } = await here.versions.create(here.owner, here.at("people"), { source });
      await here.prepare();
      const failed = await here.versions.get(here.owner, { ...here.at("people"), version });
      expect(failed).toMatchObject({ state: "failed", reason: expect.stringMatching(/Error|Only SELECT/) });
    }
  });

  test("by files keeps their bytes when the files go, and needs the right to read them", async () => {
    await here.artifacts.put(
      here.owner,
      { projectId: PROJECT, path: "in/a.csv" },
      Readable.from([Buffer.from("a\n1\n")]),
    );
    await here.artifacts.put(
      here.owner,
      { projectId: PROJECT, path: "in/b.csv" },
      Readable.from([Buffer.from("a\n2\n")]),
    );
    const source = { kind: "artifacts", format: "csv", paths: ["in/a.csv", "in/b.csv"] } as const;
    await here.versions.create(here.owner, here.at("people"), { source });
    await here.artifacts.remove(here.owner, { projectId: PROJECT, path: "in" });
    await here.prepare();
    const at = { ...here.at("people"), version: 1 };
    expect((await here.versions.rows(here.owner, at, { offset: 0, limit: 9 })).rows).toEqual([[1], [2]]);
    const missing = here.versions.create(here.owner, here.at("people"), {
      source: { ...source, paths: ["in/c.csv"] },
    });
    await expect(missing).rejects.toMatchObject({ code: "not_found" });
    here.rights.stranger = ["dataset:write", "dataset:read"];
    const theirs = here.versions.create(actorNamed("stranger"), here.at("people"), { source });
    await expect(theirs).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("deleting", () => {
  test("is refused while something was made of a version, unless it is meant", async () => {
    await here.ready("people", PEOPLE);
    await here.create("adults");
    const source = { kind: "sql", sql: "SELECT * FROM p", inputs: { p: { dataset: "people" } } } as const;
    await here.versions.create(here.owner, here.at("adults"), { source });
    const at = { ...here.at("people"), version: 1 };
    const refused = {
      code: "conflict",
      reason: "in_use",
      message: expect.stringContaining("dataset adults"),
    };
    await expect(here.versions.remove(here.owner, at, "unless-used")).rejects.toMatchObject(refused);
    await expect(here.datasets.remove(here.owner, here.at("people"), "unless-used")).rejects.toMatchObject(
      refused,
    );
    await here.versions.remove(here.owner, at, "forced");
    await here.prepare();
    const orphan = await here.versions.get(here.owner, { ...here.at("adults"), version: 1 });
    expect(orphan).toMatchObject({ state: "failed", reason: expect.stringContaining("no longer there") });
  });

  test("gives the bytes back", async () => {
    await here.ready("people", PEOPLE);
    await here.datasets.remove(here.owner, here.at("people"), "unless-used");
    await expect(here.datasets.get(here.owner, here.at("people"))).rejects.toMatchObject({
      code: "not_found",
    });
    await here.clear();
    const { items } = await here.artifacts.list(
      here.owner,
      { projectId: PROJECT, path: "datasets" },
      { pageSize: 9 },
    );
    expect(items).toEqual([]);
  });

  test("never takes what another version has, though it has the same content", async () => {
    await here.create("copy");
    await here.ready("people", PEOPLE);
    await here.ready("copy", PEOPLE);
    await here.datasets.remove(here.owner, here.at("people"), "unless-used");
    here.time.nowMs += 3 * 24 * 3600 * 1000;
    await here.clear();
    await here.collect();
    const rows = await here.versions.rows(
      here.owner,
      { ...here.at("copy"), version: 1 },
      { offset: 0, limit: 9 },
    );
    expect(rows.rows).toHaveLength(3);
  });
});

test("a version's files cannot be replaced or deleted as artifacts, but read", async () => {
  const { digest } = await here.ready("people", PEOPLE);
  const { items } = await here.artifacts.list(
    here.owner,
    { projectId: PROJECT, path: "datasets" },
    { pageSize: 9 },
  );
  const path = items[0]?.path ?? "";
  const at = { projectId: PROJECT, path };
  await expect(here.artifacts.remove(here.owner, at)).rejects.toMatchObject({ code: "forbidden" });
  const put = here.artifacts.put(here.owner, { ...at, path: `${path}/x` }, Readable.from([Buffer.from("x")]));
  await expect(put).rejects.toMatchObject({ code: "forbidden" });
  const upload = here.artifacts.uploads.create(here.owner, { ...at, path: `${path}/x` });
  await expect(upload).rejects.toMatchObject({ code: "forbidden" });
  expect(digest).toHaveLength(64);
});

describe("finding", () => {
  test("goes by words in name, description, owner and tags, and by certification, in pages", async () => {
    await here.datasets.create(here.owner, PROJECT, {
      name: "flights",
      description: "Three MILLION of 100%",
      tags: { team: "ops" },
    });
    for (let i = 0; i < 5; i += 1) await here.create(`d${i}`);
    const find = async (search: string) =>
      (await here.datasets.list(here.owner, PROJECT, { pageSize: 50, search })).items.map(({ name }) => name);
    expect(await find("million ops")).toEqual(["flights"]);
    expect(await find("100%")).toEqual(["flights"]);
    expect(await find("%")).toEqual(["flights"]);
    expect(await find("nowhere")).toEqual([]);
    const first = await here.datasets.list(here.owner, PROJECT, { pageSize: 4 });
    const second = await here.datasets.list(here.owner, PROJECT, { pageSize: 4, pageToken: first.nextToken });
    expect([...first.items, ...second.items].map(({ name }) => name)).toEqual([
      "d0",
      "d1",
      "d2",
      "d3",
      "d4",
      "flights",
      "people",
    ]);
    await here.ready("people", PEOPLE);
    await here.versions.certify(here.owner, { ...here.at("people"), version: 1 }, "");
    const certified = await here.datasets.list(here.owner, PROJECT, { pageSize: 9, certified: true });
    expect(certified.items).toMatchObject([{ name: "people", certifiedVersion: 1, latest: { version: 1 } }]);
  });

  test("a name is taken once in a project", async () => {
    await expect(here.create("people")).rejects.toMatchObject({ code: "conflict", reason: "already_exists" });
  });
});

test("who may only read changes nothing, and a stranger learns nothing", async () => {
  await here.ready("people", PEOPLE);
  here.rights.reader = ["dataset:read"];
  const reader = actorNamed("reader");
  const at = { ...here.at("people"), version: 1 };
  expect((await here.versions.rows(reader, at, { offset: 0, limit: 1 })).rows).toHaveLength(1);
  const changes = [
    here.datasets.update(reader, at, { description: "x" }),
    here.versions.runChecks(reader, at),
    here.versions.certify(reader, at, ""),
    here.versions.remove(reader, at, "forced"),
    here.datasets.remove(reader, at, "forced"),
    here.datasets.create(reader, PROJECT, { name: "x" }),
    here.versions.upload(reader, at, Readable.from([]), { format: "csv" }),
  ];
  for (const change of await Promise.allSettled(changes)) {
    expect(change).toMatchObject({ status: "rejected", reason: { code: "forbidden" } });
  }
  const stranger = actorNamed("stranger");
  await expect(here.datasets.get(stranger, at)).rejects.toMatchObject({ code: "not_found" });
  await expect(here.datasets.table(stranger, at)).rejects.toMatchObject({ code: "not_found" });
  expect(here.recorded).toContainEqual({ action: "dataset.read", by: "reader" });
});

describe("SQL over a version", () => {
  test("sees the version as data and nothing else", async () => {
    await here.ready("people", PEOPLE);
    const at = { ...here.at("people"), version: 1 };
    const ask = (sql: string, parameters: (string | number)[] = []) =>
      here.versions.query(here.owner, at, { sql, parameters });
    expect((await ask("SELECT max(age) FROM data WHERE name <> $1", ["Grace"])).rows).toEqual([[36]]);
    for (const sql of [
      "SELECT * FROM '/etc/passwd'",
      "COPY data TO '/tmp/x'",
      "SELECT 1; SELECT 2",
      "SELECT * FROM other",
    ]) {
      await expect(ask(sql)).rejects.toMatchObject({ code: "invalid" });
    }
    await expect(ask("SELECT * FROM range(2000)")).rejects.toMatchObject({
      code: "exhausted",
      reason: "rows",
    });
  });
});

test("the newest ready version is read when none is named", async () => {
  await expect(here.datasets.table(here.owner, here.at("people"))).rejects.toMatchObject({
    code: "not_found",
  });
  await here.ready("people", PEOPLE);
  await here.upload("people", "a\n1\n");
  const table = await here.datasets.table(here.owner, here.at("people"));
  expect(table).toMatchObject({ version: 1, rowCount: 3, name: "people" });
  const [file] = table.table.files;
  const bytes = await buffer((await file?.open()) ?? Readable.from([]));
  expect(createHash("sha256").update(bytes).digest("hex")).toBe(file?.digest);
});

test("two versions are compared column by column", async () => {
  await here.ready("people", "a,b,c\n1,x,2\n2,y,3\n");
  await here.ready("people", "a,b,d\n1,,true\nz,y,false\nz,y,false\n");
  const compared = await here.versions.compare(here.owner, here.at("people"), { from: 1, to: 2 });
  expect(compared).toMatchObject({ from: { rowCount: 2 }, to: { rowCount: 3 } });
  expect(compared.columns.map(({ name, change }) => [name, change])).toEqual([
    ["a", "changed"],
    ["b", "changed"],
    ["d", "added"],
    ["c", "removed"],
  ]);
});
