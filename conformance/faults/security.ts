/**
 * Probes over a real socket: tricks in paths, pages that hide in artifacts, requests of foreign pages, tokens that
 * ended or belong elsewhere, and fifty clients that create the same thing at once.
 *   node conformance/faults/security.ts [--parallel 50]
 */
import { connect } from "node:net";
import { parseArgs } from "node:util";
import { startServer } from "../lib/server.ts";
import { createChecks } from "./lib/checks.ts";
import { type Answer, artifactPath, ask, type Login, mlflow, must, newRun, pause } from "./lib/client.ts";

const { values: flags } = parseArgs({ options: { parallel: { type: "string", default: "50" } } });

/** Paths that have opened files elsewhere in other programs: dots, escapes, escaped escapes, names of devices. */
const TRICKS = [
  ...["../../../etc/passwd", "..%2f..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/secret", "a/%2e%2e/%2e%2e/b"],
  ...[
    "%252e%252e%252fsecret",
    "%25252e%25252e%25252fsecret",
    "..%5c..%5csecret",
    "a\\..\\..\\b",
    "..%255csecret",
  ],
  ...[
    "a%00.txt",
    "a%2500.txt",
    "a;b=c",
    "a%3bb",
    "a%23b",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "%252fetc%252fpasswd",
  ],
  ...[
    "C:%5cwindows",
    "C:/windows",
    "file:%2f%2f%2fetc%2fpasswd",
    "a//b",
    "a/./b",
    "a/%2e/b",
    "%20",
    "a/%20/b",
  ],
  ...[
    "a%0d%0aset-cookie:x=y",
    "a%09b",
    "a%7fb",
    "%e2%80%aegpj.exe",
    "%e2%81%a6a",
    "%ef%bb%bfa",
    "%c0%ae%c0%ae/a",
  ],
  ...["%ed%a0%80", "%ff%fe", `${"a".repeat(300)}`, `${"a/".repeat(600)}b`, "..", ".", "%2e%2e", "%2e"],
];

const checks = createChecks();
const server = await startServer({ databaseUrl: process.env.ATRIUM_DATABASE_URL });
const API = "/api/atrium/v1";
try {
  await pathTricks();
  await hiddenPages();
  await foreignPages();
  await endedTokens();
  await duplicates();
  checks.that("the server still answers", (await ask(server, { path: "/readyz" })).status === 200);
  checks.that(
    "nothing of this was an internal error",
    !/a request failed/.test(server.output()),
    server.output().slice(-600),
  );
} finally {
  await server.stop();
}
checks.end();

async function pathTricks(): Promise<void> {
  const run = await newRun(server);
  const root = `0/${run}/artifacts`;
  for (const trick of TRICKS) {
    // At the root of all files, and below a run, where the owner of the path is known.
    for (const path of [artifactPath(trick), artifactPath(`${root}/${trick}`)]) {
      const put = await ask(server, { method: "PUT", path, body: Buffer.from("trick") });
      checks.that(`PUT ${path} is refused`, isRefusal(put), put);
      const got = await ask(server, { path });
      checks.that(`GET ${path} is refused`, isRefusal(got) && !got.text.includes("root:"), got);
    }
    const own = `${API}/artifacts/content?path=${encodeURIComponent(safelyDecoded(trick))}`;
    const put = await ask(server, { method: "PUT", path: own, body: Buffer.from("trick") });
    checks.that(`PUT ${own} is refused or kept inside the project`, put.status < 500, put);
    const listed = await ask(server, { path: `${API}/artifacts?path=${trick.replaceAll("\\", "%5c")}` });
    checks.that(`listing ${trick} is no internal error`, listed.status < 500, listed);
  }
  const left = await mlflow(server, `artifacts/list?run_id=${run}`);
  checks.that("no trick has left a file under the run", !left.text.includes('"path"'), left.text);
  const raw = await rawRequest(`GET ${artifactPath("a\0b")} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
  checks.that("a bare NUL in the address is refused", /^HTTP\/1.1 400/.test(raw), raw);
  const smuggled = await rawRequest(
    `POST /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`,
  );
  checks.that("a request with two lengths is refused", /^HTTP\/1.1 400/.test(smuggled), smuggled);
  for (const escaped of [
    "/../server/package.json",
    "/..%2fserver%2fpackage.json",
    "/assets/%2e%2e/%2e%2e/package.json",
    "/%2e%2e/%2e%2e/etc/passwd",
  ]) {
    const got = await ask(server, { path: escaped });
    checks.that(`${escaped} leaves the web's folder for nobody`, !/"name"|root:/.test(got.text), got);
  }
}

function isRefusal({ status }: Answer): boolean {
  return status >= 400 && status < 500;
}

function safelyDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

async function hiddenPages(): Promise<void> {
  const run = await newRun(server);
  const page = "<html><script>document.title = document.cookie</script></html>";
  for (const [name, type] of [
    ["page.html", "text/html"],
    ["picture.svg", "image/svg+xml"],
    ["data.xml", "text/xml"],
    ["script.js", "text/javascript"],
    ["noise.bin", "text/html"],
  ] as const) {
    const path = artifactPath(`0/${run}/artifacts/${name}`);
    const put = await ask(server, {
      method: "PUT",
      path,
      body: Buffer.from(page),
      headers: { "content-type": type },
    });
    checks.that(`${name} is taken`, put.status === 200, put);
    const ways = [
      path,
      `${API}/artifacts/content?path=0/${run}/artifacts/${name}`,
      `/get-artifact?run_uuid=${run}&path=${name}`,
    ];
    for (const way of ways)
      checks.that(
        `${way} is a download in a sandbox`,
        isHarmless(await ask(server, { path: way })),
        await ask(server, { path: way }),
      );
  }
}

function isHarmless({ status, headers }: Answer): boolean {
  const policy = String(headers["content-security-policy"] ?? "");
  return (
    status === 200 &&
    /^attachment/.test(String(headers["content-disposition"] ?? "")) &&
    /(^|;)\s*sandbox(;|$)/.test(policy) &&
    !/allow-scripts|allow-same-origin/.test(policy) &&
    headers["x-content-type-options"] === "nosniff"
  );
}

async function foreignPages(): Promise<void> {
  const name = { name: "made by a foreign page" };
  const cookie = await sessionCookie();
  const host = new URL(server.url).host;
  const unsafe = { method: "POST", path: "/api/2.0/mlflow/experiments/create", body: name };
  const bySession = { url: server.url };
  const refused: [string, Record<string, string>][] = [
    ["another site's page", { origin: "https://evil.example" }],
    ["a page of another port", { origin: "http://127.0.0.1:1" }],
    ["a sandboxed page", { origin: "null" }],
    ["another site, as the browser says", { "sec-fetch-site": "cross-site", origin: `http://${host}` }],
    ["a neighbour site, as the browser says", { "sec-fetch-site": "same-site", origin: `http://${host}` }],
    ["nobody who says where it comes from", {}],
    ["a name that was rebound to us", { host: "evil.example", origin: "http://evil.example" }],
  ];
  for (const [who, headers] of refused) {
    const answer = await ask(bySession, { ...unsafe, headers: { cookie, ...headers } });
    checks.that(`${who} changes nothing by a cookie`, answer.status === 403, answer);
  }
  const own = await ask(bySession, {
    ...unsafe,
    headers: { cookie, origin: `http://${host}`, "sec-fetch-site": "same-origin" },
  });
  checks.that("our own page does", own.status === 200, own);
  for (const wrongHost of [
    "evil.example",
    "evil.example:80",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
  ]) {
    const answer = await ask(server, {
      path: "/api/2.0/mlflow/experiments/get?experiment_id=0",
      headers: { host: wrongHost },
    });
    checks.that(
      `Host '${wrongHost}' is refused on loopback, with a token too`,
      answer.status === 403 || answer.status === 400,
      answer,
    );
  }
  const cors = await ask(server, {
    method: "OPTIONS",
    path: "/api/2.0/mlflow/experiments/create",
    headers: { origin: "https://evil.example", "access-control-request-method": "POST" },
  });
  checks.that(
    "no foreign page is given leave",
    cors.headers["access-control-allow-origin"] === undefined,
    cors,
  );
}

/** A user who was invited, joined with a password, and owns the instance. */
async function sessionCookie(): Promise<string> {
  const place = { kind: "instance" };
  const roles = must<{ items: { id: string; name: string }[] }>(
    await ask(server, { path: `${API}/roles` }),
  ).items;
  const roleId = roles.find(({ id, name }) => /owner/i.test(id + name))?.id ?? "";
  const invited = await ask(server, {
    method: "POST",
    path: `${API}/invitations`,
    body: { email: "page@example.org", grants: [{ roleId, place }] },
  });
  const { path } = must<{ path: string }>(invited);
  const body = { code: path.split("=").at(-1), displayName: "Page", password: "correct horse battery" };
  const joined = await ask({ url: server.url }, { method: "POST", path: `${API}/invitations/accept`, body });
  must(joined);
  return String(joined.headers["set-cookie"]).split(";", 1)[0] ?? "";
}

async function endedTokens(): Promise<void> {
  const project = must<{ id: string }>(
    await ask(server, {
      method: "POST",
      path: `${API}/projects`,
      body: { slug: "elsewhere", name: "Elsewhere" },
    }),
  );
  const make = async (more: object): Promise<{ id: string; login: Login }> => {
    const made = await ask(server, {
      method: "POST",
      path: `${API}/tokens`,
      body: { name: "probe", expiresMs: Date.now() + 3_600_000, ...more },
    });
    const { token, secret } = must<{ token: { id: string }; secret: string }>(made);
    return { id: token.id, login: { url: server.url, token: secret } };
  };
  const sees = async (login: Login, prefix = "") =>
    (await ask(login, { path: `${prefix}/api/2.0/mlflow/experiments/get-by-name?experiment_name=Default` }))
      .status;

  const expiring = await make({ expiresMs: Date.now() + 3000 });
  checks.that("a token works until it expires", (await sees(expiring.login)) === 200);
  const revoked = await make({});
  checks.that("a token works until it is revoked", (await sees(revoked.login)) === 200);
  must(await ask(server, { method: "DELETE", path: `${API}/tokens/${revoked.id}` }));
  checks.that("a revoked token is refused at once", (await sees(revoked.login)) === 401);
  const bound = await make({ projectId: project.id });
  checks.that("a project's token works there", (await sees(bound.login, "/p/elsewhere")) !== 401);
  for (const prefix of ["/p/default", `/p/default/p/elsewhere`])
    checks.that(
      `it sees nothing of ${prefix}`,
      [403, 404].includes(await sees(bound.login, prefix)),
      await sees(bound.login, prefix),
    );
  const header = await ask(bound.login, {
    path: "/api/2.0/mlflow/experiments/get?experiment_id=0",
    headers: { "x-mlflow-workspace": "default" },
  });
  checks.that("nor by the workspace header", [403, 404].includes(header.status), header);
  const { token } = bound.login;
  for (const wrong of [`${token}x`, `${token?.slice(0, -1)}`, "x", "", "null", `${server.token}x`])
    checks.that(
      "a token that is not quite one is refused",
      (await sees({ url: server.url, token: wrong })) === 401,
      wrong,
    );
  const inUrl = await ask(
    { url: server.url },
    { path: `/api/2.0/mlflow/experiments/get?experiment_id=0&token=${server.token}` },
  );
  checks.that("a token in the address is no login", inUrl.status === 401, inUrl);
  await pause(3000);
  checks.that("an expired token is refused", (await sees(expiring.login)) === 401);
}

async function duplicates(): Promise<void> {
  const run = await newRun(server);
  const all = (work: (i: number) => Promise<Answer>) =>
    Promise.all(Array.from({ length: Number(flags.parallel) }, (_, i) => work(i)));
  const oneWins = (what: string, answers: Answer[], conflict: RegExp): void => {
    const won = answers.filter(({ status }) => status === 200).length;
    const others = answers.filter(
      ({ status, text }) => status !== 200 && !(status === 400 && conflict.test(text)),
    );
    checks.that(`${what}: one wins`, won === 1, won);
    checks.that(
      `${what}: all others get the conflict`,
      others.length === 0,
      others.slice(0, 3).map(({ text }) => text),
    );
  };
  const exists = /RESOURCE_ALREADY_EXISTS/;
  oneWins(
    "the same experiment",
    await all(() => mlflow(server, "experiments/create", { name: "the one" })),
    exists,
  );
  oneWins(
    "the same model",
    await all(() => mlflow(server, "registered-models/create", { name: "the-one" })),
    exists,
  );
  oneWins(
    "the same param with other values",
    await all((i) => mlflow(server, "runs/log-parameter", { run_id: run, key: "p", value: String(i) })),
    /INVALID_PARAMETER_VALUE/,
  );
  oneWins(
    "the same param in batches",
    await all((i) =>
      mlflow(server, "runs/log-batch", {
        run_id: run,
        params: [{ key: "q", value: String(i) }],
        metrics: [{ key: "m", value: i, timestamp: 1, step: i }],
      }),
    ),
    /INVALID_PARAMETER_VALUE/,
  );
  const kept = must<{ metrics?: unknown[] }>(
    await mlflow(server, `metrics/get-history?run_id=${run}&metric_key=m`),
  );
  checks.that("of a batch that lost nothing is kept", kept.metrics?.length === 1, kept);
  const versions = await all(() =>
    mlflow(server, "model-versions/create", {
      name: "the-one",
      source: `mlflow-artifacts:/0/${run}/artifacts/m`,
      run_id: run,
    }),
  );
  const numbers = versions.map(
    (answer) => (answer.json as { model_version?: { version: string } }).model_version?.version,
  );
  checks.that(
    "each version of a model has a number of its own",
    new Set(numbers).size === versions.length && !numbers.includes(undefined),
    numbers,
  );
  const deleted = await all(() => mlflow(server, "registered-models/delete", {}));
  checks.that(
    "an empty request in parallel is a plain refusal",
    deleted.every(({ status }) => status >= 400 && status < 500),
    deleted[0],
  );
}

/** Bytes that no client library would send. */
function rawRequest(bytes: string): Promise<string> {
  const { port, hostname } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.end(bytes));
    let text = "";
    socket.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
    });
    socket.once("error", reject).once("close", () => resolve(text));
  });
}
