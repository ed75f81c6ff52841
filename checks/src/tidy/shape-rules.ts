import { isTest, type Project, type Rule, type Violation } from "./project.ts";
import type { Source } from "./source.ts";

const FILE_LINES_MAX = 500;
const TEST_LINES_MAX = 800;
const INDEX_LINES_MAX = 40;
const FUNCTION_LINES_MAX = 70;
const PARAMETERS_MAX = 3;
const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/;
const SNAKE = /^(__)?[a-z0-9]+(_[a-z0-9]+)*(__)?\.py$/;
const UNFINISHED = /\b(TODO|FIXME|XXX|HACK)\b/;
const MIGRATION = /^server\/migrations\/(\d{4})-([a-z-]+)\.sql$/;

/** A file holds one idea, and so few lines that one can read it in one go. */
export const fileLength: Rule = (project) =>
  eachSource(project, (source) => {
    const most = isTest(source.path) ? TEST_LINES_MAX : FILE_LINES_MAX;
    return source.lineCount > most ? [[most, `${source.lineCount} lines; at most ${most}`]] : [];
  });

/** A function fits on a screen. */
export const functionLength: Rule = (project) =>
  eachSource(project, (source) =>
    source.functions
      .filter(({ lines }) => lines > FUNCTION_LINES_MAX)
      .map(({ line, name, lines }) => [line, `${name} has ${lines} lines; at most ${FUNCTION_LINES_MAX}`]),
  );

/** Three parameters, then an object. */
export const parameters: Rule = (project) =>
  eachSource(project, (source) =>
    source.functions
      .filter((shape) => shape.parameters > PARAMETERS_MAX)
      .map((shape) => [
        shape.line,
        `${shape.name} takes ${shape.parameters} parameters; at most ${PARAMETERS_MAX}, then an object`,
      ]),
  );

/** A front door only names what may be used. */
export const indexFiles: Rule = (project) =>
  eachSource(project, (source) => {
    if (!/^server\/src\/modules\/[^/]+\/index\.ts$/.test(source.path)) return [];
    const own = source.ownStatements.map((line): Finding => [line, "a front door has named re-exports only"]);
    const long: Finding[] =
      source.lineCount > INDEX_LINES_MAX
        ? [[INDEX_LINES_MAX, `${source.lineCount} lines; a front door has at most ${INDEX_LINES_MAX}`]]
        : [];
    return [...own, ...long];
  });

/** Work that is not done is an issue, not a comment. */
export const unfinished: Rule = (project) =>
  eachSource(project, (source) =>
    source.comments
      .filter(({ text }) => UNFINISHED.test(text))
      .map(({ line }) => [line, "unfinished work is an issue, not a comment"]),
  );

/** Two tests of one name hide each other. */
export const testNames: Rule = (project) =>
  eachSource(project, (source) => {
    const seen = new Set<string>();
    return source.tests.flatMap(({ line, name }): Finding[] => {
      if (seen.has(name)) return [[line, `another test here is named '${name}'`]];
      seen.add(name);
      return [];
    });
  });

/** kebab-case for TypeScript and SQL, snake_case for Python. */
export const fileNames: Rule = ({ files }) =>
  [...files.keys()].flatMap((path) => {
    const name = path.split("/").at(-1) ?? "";
    if (!/\.(tsx?|sql|py)$/.test(name) || /_pb\.ts$|\/fixtures\//.test(path)) return [];
    const good = name.endsWith(".py") ? SNAKE.test(name) : KEBAB.test(name);
    return good ? [] : [{ path, line: 1, message: "the file's name is not in our form" }];
  });

/** One line of history: each number once, and every table under its module's name. */
export const migrations: Rule = ({ files, table }) => {
  const taken = new Map<string, string>();
  const found: Violation[] = [];
  for (const path of [...files.keys()].filter((file) => /^server\/migrations\/\d/.test(file)).sort()) {
    const [, number, module] = MIGRATION.exec(path) ?? [];
    if (number === undefined || module === undefined) {
      found.push({ path, line: 1, message: "a migration is named NNNN-<module>.sql" });
      continue;
    }
    const other = taken.get(number);
    if (other !== undefined) found.push({ path, line: 1, message: `${other} has the same number` });
    taken.set(number, path);
    if (!table.has(module)) continue;
    const prefix = `${module.replaceAll("-", "_")}_`;
    for (const [, name = ""] of (files.get(path) ?? "").matchAll(/create table (\w+)/gi)) {
      if (!name.startsWith(prefix)) {
        found.push({ path, line: 1, message: `table ${name} does not begin with ${prefix}` });
      }
    }
  }
  return found;
};

type Finding = [line: number, message: string];

function eachSource({ sources }: Project, judge: (source: Source) => Finding[]): Violation[] {
  return [...sources.values()].flatMap((source) =>
    judge(source).map(([line, message]) => ({ path: source.path, line, message })),
  );
}
