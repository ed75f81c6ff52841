import { readFileSync } from "node:fs";
import { hostname, networkInterfaces } from "node:os";
import { join } from "node:path";
import { type KeySealer, ownCertificate } from "#lib/tls";
import type { Config } from "../../config.ts";

export interface Certificate {
  cert: string | Buffer;
  key: string | Buffer;
  /** Absent when somebody else made the certificate, who then also renews it. */
  authorityFile?: string;
  renewAtMs?: number;
}

/** What the listener proves itself with: nothing on loopback, given files, or our own authority's word. */
export async function certificateFor(config: Config, sealer: KeySealer): Promise<Certificate | undefined> {
  const { tls } = config;
  if (tls.kind === "off") return undefined;
  if (tls.kind === "given") {
    return { cert: readFileSync(tls.certificateFile), key: readFileSync(tls.keyFile) };
  }
  return ownCertificate({ directory: join(config.dataDirectory, "tls"), sealer, names: namesOf(config) });
}

/** All names and addresses under which this machine may be reached. */
function namesOf({ listen, allowedHosts }: Config): string[] {
  const addresses = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .map(({ address }) => address.split("%", 1)[0] ?? address);
  const anywhere = listen.host === "0.0.0.0" || listen.host === "::";
  const own = anywhere ? addresses : [listen.host, "127.0.0.1", "::1"];
  return [...new Set(["localhost", hostname(), ...own, ...allowedHosts])];
}
