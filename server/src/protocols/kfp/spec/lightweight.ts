import type { Code } from "#modules/pipelines";
import { cores, memoryMiB } from "./durations.ts";
import type { ContainerSpec } from "./schema.ts";

const SOURCE_CHARS_MAX = 256 * 1024; // What a job takes as one of its files.

type Refuse = (place: string, why: string) => Error;

const ONLY_FUNCTIONS =
  "Only lightweight Python components run here (`@dsl.component` on a function): there is no container runtime.";

/**
 * A lightweight component's function, found in the shell commands that the SDK compiles it to: an optional one that
 * installs packages, then one that writes the source to a file and runs the SDK's executor on it.
 * @param refuse makes the error for a place below the container
 */
export function lightweight(container: ContainerSpec, refuse: Refuse): Code {
  const { command, args, env, resources } = container;
  if (container.lifecycle !== undefined) throw refuse("lifecycle", "Lifecycle hooks do not run here.");
  if (resources.accelerator !== undefined)
    throw refuse(
      "resources.accelerator",
      "This compute target has no accelerators to give; take the request out.",
    );
  const installs =
    command.length === 7 && command[0] === "sh" && command[1] === "-c" ? command[2] : undefined;
  const [shell, flags, program, source] = installs === undefined ? command : command.slice(3);
  const isOurs =
    command.length === (installs === undefined ? 4 : 7) &&
    shell === "sh" &&
    flags === "-ec" &&
    program?.includes("kfp.dsl.executor_main") === true;
  if (!isOurs || source === undefined) throw refuse("command", ONLY_FUNCTIONS);
  if (source.length > SOURCE_CHARS_MAX)
    throw refuse(
      "command",
      `The function's source has ${source.length} characters; at most ${SOURCE_CHARS_MAX} are run.`,
    );
  const bad = env.find(({ name }) => !/^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(name));
  if (bad !== undefined)
    throw refuse("env", `${bad.name.slice(0, 128)} cannot be an environment variable's name.`);
  const packages =
    installs === undefined ? { requirements: [], sdk: undefined } : packagesOf(installs, refuse);
  return {
    kind: "code",
    source,
    functionName: functionOf(args, refuse),
    requirements: packages.requirements,
    sdk: packages.sdk ?? "kfp",
    variables: Object.fromEntries(env.map(({ name, value }) => [name, value])),
    cores: coresOf(resources, refuse),
    memoryMiB: memoryOf(resources, refuse),
    timeoutMs: undefined,
  };
}

function functionOf(args: readonly string[], refuse: Refuse): string {
  const at = args.indexOf("--function_to_execute");
  const name = at < 0 ? undefined : args[at + 1];
  if (args[0] !== "--executor_input" || args[1] !== "{{$}}" || args.length !== 4 || name === undefined)
    throw refuse("args", ONLY_FUNCTIONS);
  if (!/^[\p{L}_][\p{L}\p{N}_]*$/u.test(name)) throw refuse("args", "It does not name a Python function.");
  return name;
}

const PIP = "python3 -m pip install";
// What the bootstrap asks for beside the SDK itself, for interpreters that are too old to run here.
const PART_OF_SDK = /^typing-extensions\b/;

/** Reads `… pip install --flags 'a' 'b' && … pip install --flags 'kfp==2.17.0' '--no-deps' … && "$0" "$@"`. */
function packagesOf(script: string, refuse: Refuse): { requirements: string[]; sdk: string | undefined } {
  const requirements: string[] = [];
  let sdk: string | undefined;
  for (const [, line = ""] of script.matchAll(
    new RegExp(`${PIP}((?:\\s+(?:--?[\\w-]+|'[^']*'|[^\\s&'"$]+))+)`, "g"),
  )) {
    const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
    const isSdk = words.includes("--no-deps");
    for (const word of words) {
      if (word.startsWith("-")) {
        const isKnown = ["--quiet", "--no-warn-script-location", "--no-deps"].includes(word);
        if (!isKnown)
          throw refuse(
            "command",
            `Packages come from the server's own index; pip's ${word.split("=")[0]} is not taken.`,
          );
      } else if (isSdk && !PART_OF_SDK.test(word)) sdk = word;
      else if (!isSdk) requirements.push(word);
    }
  }
  // The SDK's first versions asked for themselves like for any other package.
  const own = requirements.findIndex((line) => /^kfp(==|$)/.test(line));
  if (sdk === undefined && own >= 0) [sdk] = requirements.splice(own, 1);
  if (sdk !== undefined && !/^kfp(==[0-9A-Za-z.]+)?$/.test(sdk))
    throw refuse("command", `The SDK must be a released kfp, not ${sdk.slice(0, 200)}.`);
  return { requirements, sdk };
}

function coresOf(resources: ContainerSpec["resources"], refuse: Refuse): number | undefined {
  const { resourceCpuLimit, resourceCpuRequest, cpuLimit, cpuRequest } = resources;
  const [field, given] =
    resourceCpuLimit === undefined
      ? (["resourceCpuRequest", resourceCpuRequest] as const)
      : (["resourceCpuLimit", resourceCpuLimit] as const);
  if (given === undefined) return (cpuLimit ?? cpuRequest) || undefined;
  const read = cores(given);
  if (read === undefined)
    throw refuse(
      `resources.${field}`,
      `An amount of cores is a number such as 2 or 500m, known before the run.`,
    );
  return read || undefined;
}

function memoryOf(resources: ContainerSpec["resources"], refuse: Refuse): number | undefined {
  const { resourceMemoryLimit, memoryLimit } = resources;
  // A request is the least that a step needs; only a limit bounds it.
  if (resourceMemoryLimit === undefined) return memoryLimit ? Math.ceil(memoryLimit * 1000) : undefined;
  const read = memoryMiB(resourceMemoryLimit);
  if (read === undefined)
    throw refuse(
      "resources.resourceMemoryLimit",
      "An amount of memory is a number such as 512M, known before the run.",
    );
  return read;
}
