/**
 * A server with a wrong, missing or damaged key refuses in one sentence and changes nothing; a rotated key opens all,
 * old backups included, also when the rotation was killed half-way.
 *   node conformance/faults/keys.ts [--kills 10]
 */
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Server, startServer } from "../lib/server.ts";
import { createChecks } from "./lib/checks.ts";
import { ask, mlflow } from "./lib/client.ts";
import { contentsOf, isPlainRefusal, newHome, newKeyFile, run, SERVER, sisterOf } from "./lib/program.ts";
import { loggedNotes, NAMES, predict, prepareEndpoint, prepareFeatures, push } from "./lib/stores.ts";

const { values: flags } = parseArgs({ options: { kills: { type: "string", default: "10" } } });

const KILL_MS_MAX = 1500; // A rotation takes about a second, most of it the program's start.

const checks = createChecks();
const home = newHome("keys");
const data = join(home, "data");
const key = join(home, "key");
const keyring = join(data, "keyring.json");
const backup = join(home, "backup");
const folders = [home];

await withServer(home, async (server) => {
  await mlflow(server, "experiments/create", { name: "kept under a key" });
  await prepareFeatures(server);
  await push(server, { sensor: "kept", level: 7, place: "under a key" });
  await prepareEndpoint(server);
  await predict(server, "kept under a key");
  const made = await ask(server, {
    method: "POST",
    path: "/api/atrium/v1/instance/backup",
    body: { target: backup },
  });
  checks.that("a backup is taken before the rotation", made.status < 300, made.text);
});
await refusals();
await rotation();
for (const folder of folders) rmSync(folder, { recursive: true, force: true });
checks.end();

async function refusals(): Promise<void> {
  const before = contentsOf(data);
  const refuses = async (what: string, wanted: RegExp, keyFile = key): Promise<void> => {
    const here = contentsOf(data);
    const ended = await run({
      args: [SERVER, "up", "--data", data, "--port", "0", "--no-sample"],
      settings: { ATRIUM_KEY_FILE: keyFile },
    });
    checks.that(`${what}: refused in one sentence, exit 1`, isPlainRefusal(ended, wanted), ended);
    checks.that(`${what}: not one byte of the data has changed`, contentsOf(data) === here, contentsOf(data));
  };
  await refuses("another key", /key/, newKeyFile(home, "other-key"));
  await refuses("a missing key file", /missing/, join(home, "no-such-key"));
  writeFileSync(join(home, "bad-key"), "v1 not-a-key\n", { mode: 0o600 });
  await refuses("a key file that holds no key", /key/, join(home, "bad-key"));

  const whole = readFileSync(keyring, "utf8");
  writeFileSync(keyring, whole.slice(0, whole.length / 2));
  await refuses("a truncated key ring", /keyring\.json/);
  const { keys } = JSON.parse(whole) as { keys: Record<string, string> };
  const wrapped = keys.database ?? "";
  const middle = Math.floor(wrapped.length / 2);
  const flipped =
    wrapped.slice(0, middle) + (wrapped[middle] === "A" ? "B" : "A") + wrapped.slice(middle + 1);
  writeFileSync(keyring, whole.replace(wrapped, flipped));
  await refuses("one wrong character in the key ring", /key/);
  renameSync(keyring, join(home, "keyring.aside"));
  await refuses("data without its key ring", /keyring\.json/);

  const stranger = newHome("stranger");
  folders.push(stranger);
  await withServer(stranger, async () => {});
  cpSync(join(stranger, "data/keyring.json"), keyring);
  await refuses("key and key ring of another instance", /key/, join(stranger, "key"));
  writeFileSync(keyring, whole, { mode: 0o600 });
  checks.that("the folder is as it was", contentsOf(data) === before);
}

async function rotation(): Promise<void> {
  const old = join(home, "key-before");
  cpSync(key, old);
  for (let kill = 0; kill < Number(flags.kills); kill += 1) await killedRotation();
  const rotated = await run({
    args: [SERVER, "rotate-key", "--data", data],
    settings: { ATRIUM_KEY_FILE: key },
  });
  checks.that("the key is rotated", rotated.code === 0 && /key/.test(rotated.stdout), rotated);
  const refused = await run({
    args: [SERVER, "up", "--data", data, "--port", "0", "--no-sample"],
    settings: { ATRIUM_KEY_FILE: old },
  });
  checks.that("the key from before the rotation opens it no more", isPlainRefusal(refused, /key/), refused);
  await withServer(home, async (server) => {
    checks.that("all is there under the new key", await holdsExperiment(server));
    await holdsStores(server, "under the new key");
    const busy = await run({
      args: [SERVER, "rotate-key", "--data", data],
      settings: { ATRIUM_KEY_FILE: key },
    });
    checks.that("a running server's key is not rotated", isPlainRefusal(busy, /Another Atrium server/), busy);
  });
  const restored = sisterOf(home);
  folders.push(restored);
  const args = [SERVER, "restore", backup, "--data", join(restored, "data")];
  const put = await run({ args, settings: { ATRIUM_KEY_FILE: join(restored, "key") } });
  checks.that("a backup from before the rotation is restored with the new key file", put.code === 0, put);
  await withServer(restored, async (server) => {
    checks.that("and its server has all that was in it", await holdsExperiment(server));
    await holdsStores(server, "restored");
  });
}

async function killedRotation(): Promise<void> {
  const child = spawn(process.execPath, [SERVER, "rotate-key", "--data", data], {
    env: { ...process.env, ATRIUM_KEY_FILE: key },
    stdio: "ignore",
  });
  const gone = new Promise((resolve) => child.once("exit", resolve));
  const timer = setTimeout(() => child.kill("SIGKILL"), randomInt(KILL_MS_MAX / 3, KILL_MS_MAX));
  await gone;
  clearTimeout(timer);
}

async function holdsExperiment(server: Server): Promise<boolean> {
  const got = await mlflow(server, "experiments/get-by-name?experiment_name=kept%20under%20a%20key");
  return got.status === 200;
}

async function holdsStores(server: Server, when: string): Promise<void> {
  const asked = { features: [`${NAMES.view}:level`], entities: { sensor_id: ["kept"] } };
  const path = "/feast/get-online-features";
  const online = await ask(server, { method: "POST", path, body: asked });
  const { results } = online.json as { results: { values: unknown[] }[] };
  checks.that(`${when} online values open`, results.at(-1)?.values[0] === 7, online.text);
  const notes = [...(await loggedNotes(server)).values()];
  checks.that(`${when} predictions open`, notes.includes("kept under a key"), notes);
}

async function withServer(dataDirectory: string, work: (server: Server) => Promise<void>): Promise<void> {
  const server = await startServer({ dataDirectory });
  try {
    await work(server);
  } finally {
    await server.stop();
  }
}
