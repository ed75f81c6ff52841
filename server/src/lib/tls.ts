import "reflect-metadata";
import { createPrivateKey, createPublicKey, randomBytes, webcrypto } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { isIP } from "node:net";
import { join } from "node:path";
import * as x509 from "@peculiar/x509";
import { writeFileDurably } from "./files.ts";

const DAY_MS = 24 * 3600 * 1000;
const AUTHORITY_DAYS = 3650;
const SERVER_DAYS = 90; // Renewed at half of it, so a server that is started once a month never serves an old one.
const BACKDATED_MS = 3600 * 1000; // Clients' clocks may be behind ours.
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/** Seals private keys at rest; the secrets port fits. */
export interface KeySealer {
  wrap(key: Buffer, purpose: string): Promise<string>;
  unwrap(wrapped: string, purpose: string): Promise<Buffer>;
}

export interface OwnTls {
  /** The data folder's `tls` folder. */
  directory: string;
  sealer: KeySealer;
  /** Host names and IP addresses under which the server is reached; a new one makes a new certificate. */
  names: readonly string[];
  nowMs?: number;
}

export interface ServerCertificate {
  /** PEM: the server's certificate, then the authority's. */
  cert: string;
  key: string;
  /** The authority's certificate, which clients trust (`--ca-file`, `SSL_CERT_FILE`). */
  authorityFile: string;
  /** Call again then: a fresh certificate is made and can be given to the listener while it runs. */
  renewAtMs: number;
}

/**
 * A certificate from this instance's own authority, made on first use and kept. Private keys are sealed; nobody but the
 * holder of the key-encryption key can issue more. @throws AppError `unavailable` when the sealer has another key
 */
export async function ownCertificate(given: OwnTls): Promise<ServerCertificate> {
  const nowMs = given.nowMs ?? Date.now();
  const authority = await authorityOf(given, nowMs);
  const authorityFile = join(given.directory, "authority.pem");
  const kept = await readPair(given, "server");
  const pair =
    kept !== undefined && isUsable(kept, authority, { names: given.names, nowMs })
      ? kept
      : await issue(given, authority, nowMs);
  const { notBefore, notAfter } = pair.certificate;
  return {
    cert: `${pair.certificate.toString("pem")}\n${authority.certificate.toString("pem")}\n`,
    key: pair.keyPem,
    authorityFile,
    renewAtMs: (notBefore.getTime() + notAfter.getTime()) / 2,
  };
}

/** Seals the private keys again under the newest key-encryption key. */
export async function resealTlsKeys(directory: string, sealer: KeySealer): Promise<void> {
  for (const name of ["authority", "server"]) {
    const [, keyFile] = filesOf({ directory }, name);
    if (!existsSync(keyFile)) continue;
    const key = await sealer.unwrap(readFileSync(keyFile, "utf8").trim(), `tls:${name}`);
    writeFileDurably(keyFile, `${await sealer.wrap(key, `tls:${name}`)}\n`);
  }
}

interface Pair {
  certificate: x509.X509Certificate;
  keyPem: string;
}

async function authorityOf(given: OwnTls, nowMs: number): Promise<Pair> {
  const kept = await readPair(given, "authority");
  if (kept !== undefined && kept.certificate.notAfter.getTime() - nowMs > SERVER_DAYS * DAY_MS) return kept;
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: randomBytes(16).toString("hex"),
    name: `CN=Atrium authority ${randomBytes(4).toString("hex")}`,
    ...lifeOf(nowMs, AUTHORITY_DAYS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return keepPair(given, "authority", { certificate, privateKey: keys.privateKey });
}

async function issue(given: OwnTls, authority: Pair, nowMs: number): Promise<Pair> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const pkcs8 = createPrivateKey(authority.keyPem).export({ type: "pkcs8", format: "der" });
  const signingKey = await webcrypto.subtle.importKey("pkcs8", pkcs8, ALGORITHM, false, ["sign"]);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: randomBytes(16).toString("hex"),
    subject: "CN=Atrium",
    issuer: authority.certificate.subject,
    ...lifeOf(nowMs, SERVER_DAYS),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(alternativeNames(given.names)),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(authority.certificate.publicKey),
    ],
  });
  return keepPair(given, "server", { certificate, privateKey: keys.privateKey });
}

function isUsable(
  pair: Pair,
  authority: Pair,
  { names, nowMs }: { names: readonly string[]; nowMs: number },
): boolean {
  const { notBefore, notAfter, issuer } = pair.certificate;
  if (issuer !== authority.certificate.subject) return false;
  if (nowMs < notBefore.getTime() || nowMs >= (notBefore.getTime() + notAfter.getTime()) / 2) return false;
  const named = pair.certificate.getExtension(x509.SubjectAlternativeNameExtension)?.names.items ?? [];
  const has = new Set(named.map((name) => `${name.type}:${name.value}`));
  return alternativeNames(names).every((name) => has.has(`${name.type}:${name.value}`));
}

function alternativeNames(names: readonly string[]): { type: "dns" | "ip"; value: string }[] {
  return [...new Set(names)].map((value) => ({ type: isIP(value) === 0 ? "dns" : "ip", value }));
}

function lifeOf(nowMs: number, days: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(nowMs - BACKDATED_MS), notAfter: new Date(nowMs + days * DAY_MS) };
}

async function readPair(given: OwnTls, name: string): Promise<Pair | undefined> {
  const [certificateFile, keyFile] = filesOf(given, name);
  if (!existsSync(certificateFile) || !existsSync(keyFile)) return undefined;
  const der = await given.sealer.unwrap(readFileSync(keyFile, "utf8").trim(), `tls:${name}`);
  const certificate = new x509.X509Certificate(readFileSync(certificateFile, "utf8"));
  const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  // A crash between the two files leaves a pair that does not match; it is made anew.
  const fits = Buffer.from(certificate.publicKey.rawData).equals(publicPart(key));
  return fits ? { certificate, keyPem: key.export({ type: "pkcs8", format: "pem" }).toString() } : undefined;
}

async function keepPair(
  given: OwnTls,
  name: string,
  { certificate, privateKey }: { certificate: x509.X509Certificate; privateKey: webcrypto.CryptoKey },
): Promise<Pair> {
  const der = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", privateKey));
  const [certificateFile, keyFile] = filesOf(given, name);
  writeFileDurably(keyFile, `${await given.sealer.wrap(der, `tls:${name}`)}\n`);
  writeFileDurably(certificateFile, `${certificate.toString("pem")}\n`);
  const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  return { certificate, keyPem: key.export({ type: "pkcs8", format: "pem" }).toString() };
}

function filesOf(given: Pick<OwnTls, "directory">, name: string): [certificate: string, key: string] {
  return [join(given.directory, `${name}.pem`), join(given.directory, `${name}.key.sealed`)];
}

function publicPart(key: ReturnType<typeof createPrivateKey>): Buffer {
  return createPublicKey(key).export({ type: "spki", format: "der" });
}
