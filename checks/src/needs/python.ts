import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Missing, ROOT } from "../stage.ts";
import { installDebian } from "./debian.ts";

const UV = "uv==0.13.9";
const CACHE = join(ROOT, ".cache");
const CANDIDATES = ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10"];
const IS_NEW_ENOUGH = "import sys; sys.exit(sys.version_info < (3, 10))";

/** The interpreter of an environment that holds exactly what a requirements file pins. */
export function pythonWith(requirementsFile: string): string {
  const system = systemPython();
  const requirements = readFileSync(requirementsFile);
  const version = run([system, "--version"], "ask Python for its version");
  const digest = createHash("sha256").update(version).update(requirements).digest("hex").slice(0, 16);
  const folder = join(CACHE, "python", digest);
  const python = join(folder, "bin/python");
  const stamp = join(folder, "complete");
  if (existsSync(stamp)) return python;
  const uv = uvProgram(system);
  run([uv, "venv", "-q", "--clear", "--python", system, folder], "make a Python environment");
  // Compiled once here: where Python may not write bytecode, each process would compile all it imports, for 15 s.
  run(
    [uv, "pip", "install", "-q", "--compile-bytecode", "--python", python, "-r", requirementsFile],
    "install Python packages",
  );
  writeFileSync(stamp, "");
  return python;
}

function systemPython(): string {
  const found = () => CANDIDATES.find((name) => spawnSync(name, ["-c", IS_NEW_ENOUGH]).status === 0);
  const python = found();
  if (python !== undefined) return python;
  installDebian(["python3", "python3-pip"]);
  const installed = found();
  if (installed === undefined) throw new Missing("install Python 3.10 or newer");
  return installed;
}

function uvProgram(python: string): string {
  const folder = join(CACHE, UV.replace("==", "-"));
  const uv = join(folder, "bin/uv");
  if (existsSync(uv)) return uv;
  mkdirSync(folder, { recursive: true });
  if (spawnSync(python, ["-m", "pip", "--version"]).status !== 0) installDebian(["python3-pip"]);
  run([python, "-m", "pip", "install", "-q", "--no-deps", "--target", folder, UV], "install uv");
  return uv;
}

function run([program = "", ...args]: string[], purpose: string): string {
  const done = spawnSync(program, args, {
    encoding: "utf8",
    env: { ...process.env, UV_PYTHON_DOWNLOADS: "never", PIP_ROOT_USER_ACTION: "ignore" },
  });
  if (done.status !== 0) {
    const said = done.error?.message ?? done.stderr.trim().split("\n").slice(-3).join(" ");
    throw new Missing(`could not ${purpose}: ${said}`);
  }
  return done.stdout;
}
