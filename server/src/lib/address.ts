import { BlockList, isIP } from "node:net";

/** Where an address leads that a user wrote: to the public internet, or to somewhere inside. */
export function isPublic(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !INSIDE_4.check(address, "ipv4");
  // Of IPv6 only 2000::/3 is the public internet; mapped, link-local and unique-local addresses lie outside of it.
  return family === 6 && PUBLIC_6.check(address, "ipv6") && !INSIDE_6.check(address, "ipv6");
}

// IANA's special-purpose registry of IPv4 (RFC 6890 and what followed), with multicast and the reserved rest.
const INSIDE_4 = listOf("ipv4", [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
]);
const PUBLIC_6 = listOf("ipv6", [["2000::", 3]]);
// Tunnels carry an IPv4 address inside, which may be any; the others are for protocols and documentation.
const INSIDE_6 = listOf("ipv6", [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
]);

function listOf(family: "ipv4" | "ipv6", subnets: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of subnets) list.addSubnet(network, prefix, family);
  return list;
}
