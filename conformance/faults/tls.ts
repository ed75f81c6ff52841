/**
 * Off loopback the server speaks TLS only, under our own authority, which unmodified clients are told to trust; gRPC
 * lives on the same port; a foreign name in Host is refused everywhere.
 *   node conformance/faults/tls.ts
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:https";
import { connect } from "node:net";
import { hostname } from "node:os";
import { join } from "node:path";
import { grpcHealth } from "../../server/src/testing/grpc-health.ts";
import { launchServer, type Server, startServer } from "../lib/server.ts";
import { createChecks } from "./lib/checks.ts";
import { eventually } from "./lib/client.ts";
import { newHome, run } from "./lib/program.ts";

const READY_MS_MAX = 60_000;
const SERVING = 1;

const checks = createChecks();
await onLoopback();
await offLoopback();
checks.end();

async function onLoopback(): Promise<void> {
  const server = await startServer();
  const port = Number(new URL(server.url).port);
  try {
    checks.that("gRPC answers in plain text on the HTTP port", (await grpcHealth(port, "plain")) === SERVING);
    const refused = await curl([
      "-s",
      "-o",
      "/dev/null",
      "-w",
      "%{http_code}",
      "-H",
      "Host: evil.example",
      `${server.url}/healthz`,
    ]);
    checks.that("a foreign name is refused on loopback", refused.stdout === "403", refused);
  } finally {
    await server.stop();
  }
}

async function offLoopback(): Promise<void> {
  const home = newHome("tls");
  const server = await launchServer({ dataDirectory: home, flags: ["--host", "0.0.0.0"] });
  const port = Number(new URL(server.url).port);
  try {
    const up = await eventually(async () => /is ready at/.test(server.output()), READY_MS_MAX);
    checks.that("it starts on every address", up !== undefined, server.output());
    const authority = /trust it by (\S+)/.exec(server.output())?.[1] ?? "";
    checks.that(
      "it says which authority to trust",
      authority.startsWith(home) && existsSync(authority),
      server.output(),
    );
    checks.that(
      "what it names is a certificate, not a key",
      !readFileSync(authority, "utf8").includes("PRIVATE"),
    );
    await httpClients(server, port, authority);
    const root = readFileSync(authority);
    checks.that("gRPC answers under TLS", (await grpcHealth(port, { authority: root })) === SERVING);
    checks.that("gRPC in plain text is refused", (await grpcHealth(port, "plain")) === undefined);
    checks.that(
      "gRPC that does not know us is refused",
      (await grpcHealth(port, "public authorities")) === undefined,
    );
  } finally {
    await server.stop();
  }
  const again = await launchServer({ dataDirectory: home, flags: ["--host", "0.0.0.0"] });
  const authority = join(home, "data/tls/authority.crt");
  await eventually(async () => /is ready at/.test(again.output()), READY_MS_MAX);
  const named = /trust it by (\S+)/.exec(again.output())?.[1] ?? authority;
  const answer = await curl([
    "-sS",
    "--cacert",
    named,
    `https://127.0.0.1:${new URL(again.url).port}/healthz`,
  ]);
  checks.that("after a restart the authority is the same", answer.stdout === "ok\n", answer);
  await again.stop();
  rmSync(home, { recursive: true, force: true });
}

async function httpClients(server: Server, port: number, authority: string): Promise<void> {
  for (const name of ["127.0.0.1", "localhost", hostname()]) {
    const url = `https://${name}:${port}/healthz`;
    const known = await curl(["-sS", "--cacert", authority, url]);
    checks.that(`curl trusts it as ${name}`, known.stdout === "ok\n", known);
  }
  const url = `https://127.0.0.1:${port}`;
  const unknown = await curl(["-sS", `${url}/healthz`]);
  checks.that(
    "who does not know the authority is not fooled",
    unknown.code !== 0 && unknown.stdout === "",
    unknown,
  );
  const old = await curl(["-sS", "--cacert", authority, "--tls-max", "1.1", `${url}/healthz`]);
  checks.that("TLS 1.1 is refused", old.code !== 0, old);
  const plain = await rawAnswer(port, "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  checks.that("plain HTTP is refused", !plain.includes("ok\n") && !/^HTTP\/1.1 200/.test(plain), plain);
  checks.that(
    "a foreign name is refused under TLS",
    (await statusFor("evil.example", port, authority)) === 403,
  );
  const login = ["-H", `Authorization: Bearer ${server.token}`];
  const listed = await curl([
    "-sS",
    "--cacert",
    authority,
    ...login,
    `${url}/api/2.0/mlflow/experiments/get?experiment_id=0`,
  ]);
  checks.that("the mlflow protocol is answered under TLS", /experiment_id/.test(listed.stdout), listed);
  const headers = await curl(["-sS", "-I", "--cacert", authority, `${url}/`]);
  checks.that(
    "browsers are told to stay with TLS",
    /strict-transport-security/i.test(headers.stdout),
    headers,
  );
  await pythonRequests(server, url, authority);
}

async function pythonRequests(server: Server, url: string, authority: string): Promise<void> {
  const python = process.env.PYTHON ?? "python3";
  if (spawnSync(python, ["-c", "import requests"]).status !== 0) {
    checks.notRun("Python's requests over TLS: no Python here has that package");
    return;
  }
  const script =
    "import requests, sys; r = requests.get(sys.argv[1] + '/api/2.0/mlflow/experiments/get?experiment_id=0', headers={'Authorization': 'Bearer ' + sys.argv[2]}); print(r.status_code)";
  const answer = await run({
    ...{ command: python, args: ["-c", script, url, server.token] },
    settings: { REQUESTS_CA_BUNDLE: authority, PYTHONWARNINGS: "error" },
  });
  checks.that("Python's requests trusts it by REQUESTS_CA_BUNDLE", answer.stdout === "200\n", answer);
}

function curl(args: readonly string[]) {
  return run({ command: "curl", args });
}

function statusFor(host: string, port: number, authority: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const ca = readFileSync(authority);
    const call = request({
      host: "127.0.0.1",
      port,
      ca,
      path: "/healthz",
      headers: { host },
      servername: "",
    });
    call.once("error", reject);
    call.once("response", (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    call.end();
  });
}

function rawAnswer(port: number, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    let text = "";
    socket.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
    });
    socket.once("error", () => resolve(text)).once("close", () => resolve(text));
  });
}
