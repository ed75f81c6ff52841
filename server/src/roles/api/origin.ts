import { isIP } from "node:net";
import { hostname } from "node:os";
import { AppError } from "#lib/errors";
import type { Arrival } from "./gate.ts";

const KNOWN_MAX = 100; // A server has a few names; who makes more up is read anew each time.

/**
 * Refuses requests that a foreign page made a browser send, on loopback too: a page that rebinds its own name to
 * 127.0.0.1 still sends that name as Host. IP addresses are safe, for a browser never sends one it was not told.
 */
export function createOriginGuard(allowedHosts: readonly string[], listenHost: string) {
  const names = new Set(["localhost", hostname().toLowerCase(), listenHost.toLowerCase(), ...allowedHosts]);
  const known = new Set<string>(); // Authorities that were found to be ours, for each request has one.
  const isOurs = (authority: string): boolean => {
    if (known.has(authority)) return true;
    const name = hostNameOf(authority);
    const ours = name !== undefined && (isIP(name) !== 0 || names.has(name));
    if (ours && known.size < KNOWN_MAX) known.add(authority);
    return ours;
  };

  return function checkOrigin(request: Pick<Arrival, "headers">): void {
    const host = request.headers.host;
    if (host === undefined || !isOurs(host)) {
      throw new AppError(
        "forbidden",
        `Host '${host ?? ""}' is not a name of this server; add it to ATRIUM_ALLOWED_HOSTS.`,
      );
    }
    const origin = request.headers.origin;
    if (origin === undefined) return;
    if (!isOurs(origin.replace(/^https?:\/\//, ""))) {
      throw new AppError("forbidden", "A page of another origin may not call this server.");
    }
    // Another program on the same machine is another origin too: cookies reach every port of a host.
    const crossSite = origin.replace(/^https?:\/\//, "").toLowerCase() !== host.toLowerCase();
    if (crossSite && request.headers.cookie !== undefined) {
      throw new AppError("forbidden", "A page of another origin may not use this server's cookies.");
    }
  };
}

function hostNameOf(authority: string): string | undefined {
  try {
    return new URL(`http://${authority}`).hostname.replace(/^\[|\]$/g, "").toLowerCase();
  } catch {
    return undefined;
  }
}
