import { isTest, type Project, placeOf, type Rule, targetOf, type Violation } from "./project.ts";
import type { Source } from "./source.ts";

// The outside world's names. Where a module needs one of these words, a port or a protocol is missing.
const FOREIGN =
  /mlflow|kfp|kubeflow|openai|feast|otlp|loki|prometheus|grafana|sqlite|postgres|duckdb|lmdb|redis|kafka|onnx/i;
const IS_QUERIES = /(^|\/)([a-z-]+-)?queries\.ts$|\/queries\//;
const BUILDS_QUERY = /\.(selectFrom|insertInto|updateTable|deleteFrom|replaceInto)$/;
const CONSTRUCTOR = /^(create|open)[A-Z]/;

/** Only config.ts reads the environment. */
export const environment: Rule = (project) =>
  eachServerFile(project, (source) =>
    source.path === "server/src/config.ts"
      ? []
      : source.environmentReads.map((line) => [line, "only config.ts reads the environment"]),
  );

/** Only wiring.ts (and tests) build modules and ports; everyone else is handed them. */
export const construction: Rule = (project) =>
  eachServerFile(project, (source) => {
    if (source.path === "server/src/wiring.ts") return [];
    const constructors = new Set(
      source.imports.filter((i) => isElsewhere(source, i)).flatMap((i) => i.names),
    );
    return source.calls
      .filter(({ name }) => CONSTRUCTOR.test(name) && constructors.has(name))
      .map(({ line, name }) => [line, `only wiring.ts calls ${name}`]);
  });

function isElsewhere(source: Source, imported: Source["imports"][number]): boolean {
  const target = targetOf(source.path, imported);
  const there = target === undefined ? undefined : placeOf(target);
  const here = placeOf(source.path);
  if (there === undefined || here === undefined) return false;
  return (
    ["modules", "ports"].includes(there.layer) && !(here.layer === there.layer && here.unit === there.unit)
  );
}

/** SQL lives in queries.ts and in the database port. */
export const sql: Rule = (project) =>
  eachServerFile(project, (source) => {
    const place = placeOf(source.path);
    if (IS_QUERIES.test(source.path) || (place?.layer === "ports" && place.unit === "database")) return [];
    const imports = source.imports
      .filter(({ from, typesOnly }) => from.split("/")[0] === "kysely" && !typesOnly)
      .map(({ line }): Finding => [line, "queries belong in queries.ts: do not import kysely here"]);
    const calls = source.calls
      .filter(({ name }) => BUILDS_QUERY.test(name))
      .map(({ line, name }): Finding => [line, `queries belong in queries.ts: ${name}`]);
    return [...imports, ...calls];
  });

/** A module names no protocol and no engine: all else compiles when one of them goes. */
export const foreignNames: Rule = (project) =>
  eachServerFile(project, (source) =>
    placeOf(source.path)?.layer !== "modules"
      ? []
      : source.words.flatMap(({ line, text }): Finding[] => {
          const name = FOREIGN.exec(text)?.[0];
          return name === undefined ? [] : [[line, `a module names no protocol or engine: ${name}`]];
        }),
  );

type Finding = [line: number, message: string];

function eachServerFile({ sources }: Project, judge: (source: Source) => Finding[]): Violation[] {
  return [...sources.values()]
    .filter((source) => source.path.startsWith("server/src/") && !isTest(source.path))
    .flatMap((source) => judge(source).map(([line, message]) => ({ path: source.path, line, message })));
}
