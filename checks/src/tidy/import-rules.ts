import { isTest, placeOf, type Rule, targetOf, type Violation } from "./project.ts";
import type { Import, Source } from "./source.ts";

// Who may look at whom. `root` is main, config and wiring, which put everything together.
const BELOW: Record<string, readonly string[]> = {
  root: ["root", "roles", "protocols", "modules", "ports", "lib"],
  roles: ["roles", "protocols", "modules", "ports", "lib"],
  protocols: ["modules", "ports", "lib"],
  modules: ["modules", "ports", "lib"],
  ports: ["ports", "lib"],
  lib: ["lib"],
};

// Packages that rules and use-cases may stand on. What speaks to the outside belongs in a port, a protocol or a role.
const PACKAGES_OF_MODULES = [
  "zod",
  "kysely",
  "@node-rs/argon2",
  "@peculiar/x509",
  "reflect-metadata",
  "jose",
];

/** roles → protocols → modules → ports → lib: an arrow may be skipped, never turned round. */
export const layers: Rule = ({ sources }) =>
  eachImport(sources, (source, imported, target) => {
    const here = placeOf(source.path);
    const there = target === undefined ? undefined : placeOf(target);
    if (here === undefined || there === undefined || isTest(source.path)) return;
    if (there.layer === "testing") return "only tests may import what is for tests";
    if (BELOW[here.layer]?.includes(there.layer)) return;
    // A role is given its configuration and its modules; it names their types.
    if (here.layer === "roles" && there.layer === "root" && imported.typesOnly) return;
    if (here.layer === "protocols" && here.unit === there.unit && there.layer === "protocols") return;
    return `${here.layer} must not import ${there.layer} (${imported.from})`;
  });

/** A module's neighbours are those that the table of ARCHITECTURE.md lists for it. */
export const neighbours: Rule = ({ sources, table }) =>
  eachImport(sources, (source, _imported, target) => {
    const here = placeOf(source.path);
    const there = target === undefined ? undefined : placeOf(target);
    if (here?.layer !== "modules" || there?.layer !== "modules" || here.unit === there.unit) return;
    if (isTest(source.path) || table.get(here.unit)?.has(there.unit)) return;
    return `ARCHITECTURE.md does not let ${here.unit} import ${there.unit}`;
  });

/** Other folders come in by the front door: a module's index.ts, a port's interface. */
export const frontDoors: Rule = ({ sources }) =>
  eachImport(sources, (source, imported, target) => {
    const here = placeOf(source.path);
    const there = target === undefined ? undefined : placeOf(target);
    if (here === undefined || there === undefined || isTest(source.path)) return;
    if (there.layer !== "modules" && there.layer !== "ports") return;
    if (here.layer === there.layer && here.unit === there.unit) return;
    const constructs = here.layer === "root" && there.layer === "ports";
    if (constructs || imported.from === `#${there.layer}/${there.unit}`) return;
    return `enter ${there.layer}/${there.unit} by its front door, #${there.layer}/${there.unit}`;
  });

/** A module stands on no engine, protocol or framework. */
export const packagesOfModules: Rule = ({ sources }) =>
  eachImport(sources, (source, imported, target) => {
    if (placeOf(source.path)?.layer !== "modules" || target !== undefined || isTest(source.path)) return;
    if (imported.from.startsWith("node:")) return;
    const name = imported.from
      .split("/")
      .slice(0, imported.from.startsWith("@") ? 2 : 1)
      .join("/");
    if (PACKAGES_OF_MODULES.includes(name)) return;
    return `a module must not import ${name}: put it behind a port, or in a protocol or role`;
  });

/** The contract stands alone; web and command line know the server by it only. Tests in a browser start a whole server. */
export const workspaces: Rule = ({ sources }) =>
  eachImport(sources, (source, _imported, target) => {
    const [here = ""] = source.path.split("/");
    const [there = ""] = target?.split("/") ?? [here];
    if (!["contract", "server", "web", "cli"].includes(here) || isTest(source.path)) return;
    if (source.path.startsWith("web/browser/") && target?.startsWith("conformance/lib/")) return;
    if (here === there || (there === "contract" && here !== "contract")) return;
    return `${here} must not import from ${there}`;
  });

/** The UI takes types of the contract, and values only from modules that bring no schema library along. */
export const noSchemaInBrowser: Rule = ({ sources }) => {
  const known = new Map<string, boolean>();
  const bringsSchemas = (path: string): boolean => {
    const answer = known.get(path);
    if (answer !== undefined) return answer;
    known.set(path, false);
    const brings = (sources.get(path)?.imports ?? []).some((imported) => {
      if (imported.typesOnly) return false;
      const target = targetOf(path, imported);
      return target === undefined ? imported.from === "zod" : bringsSchemas(target);
    });
    known.set(path, brings);
    return brings;
  };
  return eachImport(sources, (source, imported, target) => {
    if (!source.path.startsWith("web/src/") || isTest(source.path) || imported.typesOnly) return;
    if (target === undefined ? imported.from !== "zod" : !target.startsWith("contract/")) return;
    if (target !== undefined && !bringsSchemas(target)) return;
    return `${imported.from} brings schemas into the browser: import its types, or values that stand without them`;
  });
};

/** No file leads back to itself through imports that the running program follows. */
export const cycles: Rule = ({ sources }) => {
  const done = new Set<string>();
  const found: Violation[] = [];
  const trail: string[] = [];
  const follow = (path: string): void => {
    const seenAt = trail.indexOf(path);
    if (seenAt >= 0) {
      const circle = [...trail.slice(seenAt), path].join(" → ");
      found.push({ path, line: 1, message: `imports go in a circle: ${circle}` });
      return;
    }
    if (done.has(path)) return;
    done.add(path);
    trail.push(path);
    for (const imported of sources.get(path)?.imports ?? []) {
      const target = imported.typesOnly ? undefined : targetOf(path, imported);
      if (target !== undefined) follow(target);
    }
    trail.pop();
  };
  for (const path of sources.keys()) follow(path);
  return found;
};

/** An import of our own leads to a file that exists. */
export const deadEnds: Rule = ({ sources, files }) =>
  eachImport(sources, (_source, imported, target) =>
    target === undefined || files.has(target) || !/\.tsx?$/.test(target)
      ? undefined
      : `${imported.from} leads nowhere`,
  );

type Judge = (source: Source, imported: Import, target: string | undefined) => string | undefined;

function eachImport(sources: ReadonlyMap<string, Source>, judge: Judge): Violation[] {
  return [...sources.values()].flatMap((source) =>
    source.imports.flatMap((imported) => {
      const message = judge(source, imported, targetOf(source.path, imported));
      return message === undefined ? [] : [{ path: source.path, line: imported.line, message }];
    }),
  );
}
