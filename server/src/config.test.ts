import { expect, test } from "vitest";
import { ConfigError, readConfig } from "./config.ts";

function problemsOf(
  flags: Parameters<typeof readConfig>[0],
  environment: NodeJS.ProcessEnv,
): readonly string[] {
  try {
    readConfig(flags, environment);
  } catch (thrown) {
    if (thrown instanceof ConfigError) return thrown.problems;
    throw thrown;
  }
  return [];
}

test("without any setting a laptop gets loopback, SQLite and both roles", () => {
  const config = readConfig({}, {});
  expect(config.listen).toEqual({ host: "127.0.0.1", port: 7400 });
  expect(config.database).toEqual({ engine: "sqlite" });
  expect(config.tls).toEqual({ kind: "off" });
  expect(config.roles).toEqual(["api", "worker"]);
});

test("every problem is listed at once", () => {
  const problems = problemsOf(
    { port: "99999", roles: "api,cook" },
    { ATRIUM_ADMIN_TOKEN: "short", ATRIUM_KEY: "a", ATRIUM_KEY_FILE: "/b" },
  );
  expect(problems).toHaveLength(4);
  expect(problems.join("\n")).toMatch(/99999[\s\S]*ATRIUM_KEY and[\s\S]*at least 32[\s\S]*cook/);
});

test("a setting that does not exist is refused, not ignored", () => {
  expect(problemsOf({}, { ATRIUM_PROT: "7400" })).toEqual([
    "ATRIUM_PROT: there is no such setting; correct its name or remove it.",
  ]);
});

test("the CLI's own settings may stand beside the server's", () => {
  expect(problemsOf({}, { ATRIUM_URL: "http://localhost:7400", ATRIUM_TOKEN: "t" })).toEqual([]);
});

test("off loopback TLS is on without being asked for", () => {
  expect(readConfig({ host: "0.0.0.0" }, {}).tls).toEqual({ kind: "own" });
});

test("half a certificate is refused", () => {
  expect(problemsOf({}, { ATRIUM_TLS_CERT_FILE: "/cert.pem" })[0]).toMatch(/set both/);
});

test("a flag wins over the environment", () => {
  expect(readConfig({ port: "1234" }, { ATRIUM_PORT: "7500" }).listen.port).toBe(1234);
});
