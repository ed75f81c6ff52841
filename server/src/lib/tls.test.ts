import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, createServer } from "node:tls";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openFileSecrets } from "../ports/secrets/file.ts";
import { ownCertificate } from "./tls.ts";

const DAY_MS = 24 * 3600 * 1000;
const sealer = openFileSecrets({ keyText: "ab".repeat(32) });
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "atrium-tls-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test("a client that trusts the authority connects by name and by address, and others are refused", async () => {
  const { cert, key, authorityFile } = await ownCertificate({
    directory,
    sealer,
    names: ["atrium.test", "127.0.0.1"],
  });
  const server = createServer({ cert, key }, (socket) => socket.end("welcome"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const ca = readFileSync(authorityFile, "utf8");
  const greet = (options: object) =>
    new Promise<string>((resolve, reject) => {
      const socket = connect({ host: "127.0.0.1", port, ...options }, () => resolve("trusted"));
      socket.on("error", reject).on("data", () => socket.end());
    });
  expect(await greet({ ca, servername: "atrium.test" })).toBe("trusted");
  expect(await greet({ ca })).toBe("trusted");
  await expect(greet({ ca, servername: "other.test" })).rejects.toThrow("does not match");
  await expect(greet({})).rejects.toThrow();
  await new Promise((resolve) => server.close(resolve));
});

test("the certificate stays the same until half its life, a new name, or a lost file", async () => {
  const nowMs = Date.now();
  const names = ["localhost"];
  const first = await ownCertificate({ directory, sealer, names, nowMs });
  expect((await ownCertificate({ directory, sealer, names, nowMs: nowMs + 30 * DAY_MS })).cert).toBe(
    first.cert,
  );
  expect(first.renewAtMs).toBeLessThan(nowMs + 46 * DAY_MS);
  const renewed = await ownCertificate({ directory, sealer, names, nowMs: first.renewAtMs + 1 });
  expect(renewed.cert).not.toBe(first.cert);
  const named = await ownCertificate({ directory, sealer, names: ["localhost", "lab.test"], nowMs });
  expect(new X509Certificate(named.cert).subjectAltName).toContain("DNS:lab.test");
  const authorities = [first, renewed, named].map((one) => one.cert.split("-----END CERTIFICATE-----")[1]);
  expect(new Set(authorities).size).toBe(1);
});

test("private keys are sealed on disk, and another key does not open them", async () => {
  const { key } = await ownCertificate({ directory, sealer, names: ["localhost"] });
  const der = createPrivateKey(key).export({ type: "pkcs8", format: "der" });
  const kept = readFileSync(join(directory, "server.key.sealed"), "utf8");
  expect(kept).not.toContain(der.toString("base64url").slice(40, 80));
  const other = openFileSecrets({ keyText: "cd".repeat(32) });
  const stolen = ownCertificate({ directory, sealer: other, names: ["localhost"] });
  await expect(stolen).rejects.toMatchObject({ code: "unavailable" });
});
