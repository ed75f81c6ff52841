import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { Missing } from "../stage.ts";

// Services stay stopped: their packages ask this file, and 101 means "not now".
const INSTALL = `
set -e
export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\\nexit 101\\n' >"$policy"
  chmod 755 "$policy"
fi
apt-get update -qq
apt-get install -qq -y --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"
`;

/** Installs the Debian packages that are not there yet. @throws Missing with what a person has to do */
export function installDebian(packages: readonly string[]): void {
  const absent = packages.filter((name) => !isInstalled(name));
  if (absent.length === 0) return;
  const wanted = absent.join(" ");
  if (!existsSync("/usr/bin/apt-get")) throw new Missing(`install ${wanted} (this machine has no apt-get)`);
  const root = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  if (root.length > 0 && spawnSync("sudo", ["-n", "true"]).status !== 0) {
    throw new Missing(`run: sudo apt-get install ${wanted}`);
  }
  process.stdout.write(`Installing ${wanted}.\n`);
  const [program = "sh", ...args] = [...root, "sh", "-c", INSTALL, "install", ...absent];
  const done = spawnSync(program, args, { encoding: "utf8" });
  if (done.status !== 0) {
    throw new Missing(`apt-get could not install ${wanted}: ${lastLine(done.stderr)}`);
  }
}

function isInstalled(name: string): boolean {
  const asked = spawnSync("dpkg", ["--status", name], { encoding: "utf8" });
  return asked.status === 0 && asked.stdout.includes("\nStatus: install ok installed\n");
}

function lastLine(text: string): string {
  return text.trimEnd().split("\n").at(-1) ?? "";
}
