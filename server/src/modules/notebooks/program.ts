import { PYTHON_PACKAGE } from "./limits.ts";

// The environment is read-only and knows nothing of us: our package is found by its path, given as the first argument.
const BOOTSTRAP =
  "import runpy, sys; sys.dont_write_bytecode = True; sys.path.insert(0, sys.argv.pop(1)); " +
  `runpy.run_module('${PYTHON_PACKAGE}', run_name='__main__')`;

/** Runs one of our own programs in a job's environment. */
export function programOf(pythonDirectory: string, name: "serve" | "run"): string[] {
  return ["python", "-c", BOOTSTRAP, pythonDirectory, name];
}

/** What the program is told; see python/atrium_notebooks/settings.py. */
export function settingsOf(settings: Readonly<Record<string, unknown>>): Record<string, string> {
  return { ATRIUM_NOTEBOOKS: JSON.stringify(settings) };
}
