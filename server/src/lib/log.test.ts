import { PassThrough } from "node:stream";
import Fastify from "fastify";
import { expect, test } from "vitest";
import { createLog, type LogOptions, type LogRecord } from "./log.ts";
import { fastifyLogger } from "./log-fastify.ts";
import { isSensitiveName } from "./redact.ts";

function openLog(options: Partial<LogOptions> = {}) {
  const stream = new PassThrough({ highWaterMark: 100 * 1024 * 1024 });
  const log = createLog({ format: "json", level: "info", stream, clock: { now: () => 1_000 }, ...options });
  const records: LogRecord[] = [];
  log.attach((record) => records.push(record));
  return { log, records, output: () => String(stream.read() ?? "") };
}

const JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NSJ9.s5Vn4XyZabc";
const PEM = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANB\n-----END PRIVATE KEY-----";
const SECRETS: [text: string, secret: string][] = [
  ["called with atrium_pat_0123456789abcdef", "0123456789abcdef"],
  ["header Authorization: Bearer abc.def-ghi_jkl", "abc.def-ghi_jkl"],
  ["Authorization: Basic YWRhOmh1c2gtaHVzaA==", "YWRhOmh1c2gtaHVzaA"],
  ["connecting to postgres://ada:hunter2@db.internal:5432/x", "hunter2"],
  ["connecting to postgres://ada:hun/ter2@db.internal:5432/x", "ter2"],
  [`key is ${PEM} there`, "MIIEvQIBADANB"],
  ["-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE and cut", "MHcCAQEE"],
  [`got ${JWT}`, "eyJzdWIiOiIxMjM0NSJ9"],
  ["Cookie: theme=dark; atrium_session=s3cr3tvalue", "s3cr3tvalue"],
  ["GET /x?page=2&access_token=tok12345&b=1", "tok12345"],
  ["open https://a.example/sign-in?code=onetime77", "onetime77"],
  ['body {"password":"two words \\" and more","a":1}', "and more"],
  ["password = 'two words'", "two words"],
  ["api_key: k-998877", "k-998877"],
  ["AWS AKIAIOSFODNN7EXAMPLE used", "AKIAIOSFODNN7EXAMPLE"],
  ["pushed with ghp_abcdefghijklmnopqrstuvwx", "abcdefghijklmnopqrstuvwx"],
  ["mail to ada.lovelace+x@example.co.uk failed", "ada.lovelace"],
  ["the owner wrote chosen-by-hand-0000000000", "chosen-by-hand"],
];

test.each(SECRETS)("no secret gets through as message, field, error or label: %s", (text, secret) => {
  const { log, records, output } = openLog({ knownSecrets: ["chosen-by-hand-0000000000"] });
  const error = new Error(text, { cause: new Error(`because ${text}`) });
  log.info(text, { note: text, deep: { list: [text] }, err: error, [text]: 1 });
  log.with({ who: text }, { more: text }).error("failed", { map: new Map([["a", text]]) });
  const seen = output() + JSON.stringify(records);
  expect(records).toHaveLength(2);
  expect(seen).not.toContain(secret);
});

test("a field whose name means a secret or a person is blackened, whatever it holds", () => {
  const { log, records } = openLog();
  const names = [
    "password",
    "apiKey",
    "access_token",
    "Authorization",
    "set-cookie",
    "clientSecret",
    "email",
    "ip",
  ];
  log.info("x", Object.fromEntries(names.map((name) => [name, { nested: "hush" }])));
  log.info("x", { headers: { "x-api-key": "hush", displayName: "hush", userAgent: "hush" }, pin: 4711 });
  expect(JSON.stringify(records)).not.toMatch(/hush|4711/);
  expect(names.every(isSensitiveName)).toBe(true);
});

test("names that only describe are kept, and so are ordinary lines", () => {
  const { log, records } = openLog();
  const fields = { keyId: "k1", tokenCount: 5, secretName: "S3", monkey: "m", durationMs: 1.5, ok: true };
  log.info("A token was created for run 7f3 at http://127.0.0.1:7400/runs/7f3.", fields);
  expect(records[0]).toMatchObject({
    message: "A token was created for run 7f3 at http://127.0.0.1:7400/runs/7f3.",
    fields,
  });
});

test("a record is bounded and says what was cut", () => {
  const { log, records } = openLog();
  log.info("x".repeat(1_000_000), { a: 1, big: Array(90).fill("y".repeat(5000)), b: 2 });
  const [record] = records;
  expect(record?.message).toMatch(/\[991808 characters cut\]$/);
  expect(record?.fields).toMatchObject({ a: 1, cut: expect.stringMatching(/characters of fields cut/) });
  expect(JSON.stringify(record).length).toBeLessThan(26_000);
});

test("values that are no JSON are written as what they are", () => {
  const { log, records } = openLog();
  const circle: Record<string, unknown> = { a: 1n };
  circle.self = circle;
  log.info("x", { circle, bytes: Buffer.alloc(3), not: Number.NaN, at: new Date(0) });
  expect(records[0]?.fields).toEqual({
    circle: { a: "1", self: "[circular]" },
    bytes: "[3 bytes]",
    not: "NaN",
    at: "1970-01-01T00:00:00.000Z",
  });
});

test("text is one line a record, and cannot forge another or speak to the terminal", () => {
  const { log, output } = openLog({ format: "text", labels: { role: "api" } });
  log.warn("a\n2026 error forged \u001b[31m", { name: "x\ny" });
  expect(output()).toBe(
    '1970-01-01T00:00:01.000Z warn  a\\n2026 error forged \\u001b[31m role=api name="x\\ny"\n',
  );
});

test("levels below the chosen one go nowhere", () => {
  const { log, records, output } = openLog({ level: "warn" });
  log.info("no");
  log.error("yes");
  expect([records.map((record) => record.message), output().split("\n").length]).toEqual([["yes"], 2]);
  expect(log.takes("info")).toBe(false);
});

test("a reader that stands still costs bounded memory, and is told what it missed", () => {
  const stream = new PassThrough({ highWaterMark: 1 });
  const log = createLog({ format: "text", level: "info", stream, clock: { now: () => 0 } });
  for (let i = 0; i < 3000; i += 1) log.info("x".repeat(1000));
  expect(stream.writableLength + stream.readableLength).toBeLessThan(1.2 * 1024 * 1024);
  expect(log.lost).toBeGreaterThan(1500);
  while (stream.read() !== null);
  log.info("again");
  let rest = "";
  for (let chunk = stream.read(); chunk !== null; chunk = stream.read()) rest += chunk;
  expect(rest).toContain(`${log.lost} log lines were lost here`);
});

test("a reader that went away does not stop the process", () => {
  const stream = new PassThrough();
  const log = createLog({ format: "text", level: "info", stream, clock: { now: () => 0 } });
  stream.destroy(new Error("EPIPE"));
  expect(() => log.info("x")).not.toThrow();
});

test("fastify writes through it: request ids, errors, formats, never headers or queries", async () => {
  const { log, records } = openLog();
  const app = Fastify({ loggerInstance: fastifyLogger(log), disableRequestLogging: true });
  app.get("/fails", async (request) => {
    request.log.error({ err: new Error("broken"), req: request.raw }, "a request failed %d times", 3);
    return "ok";
  });
  await app.inject({ url: "/fails?token=hush-hush", headers: { authorization: "Bearer hush-hush" } });
  expect(records[0]).toMatchObject({
    level: "error",
    message: "a request failed 3 times",
    fields: {
      reqId: expect.anything(),
      err: { message: "broken" },
      request: { method: "GET", path: "/fails" },
    },
  });
  expect(JSON.stringify(records)).not.toContain("hush");
  await app.close();
});
