import * as imports from "./import-rules.ts";
import * as places from "./place-rules.ts";
import { type Project, type Rule, readProject } from "./project.ts";
import * as shapes from "./shape-rules.ts";

/** Every rule by the name that a person would give it. */
export const RULES: Record<string, Rule> = {
  "layers are never turned round": imports.layers,
  "modules import only their neighbours": imports.neighbours,
  "folders are entered by their front door": imports.frontDoors,
  "modules stand on no engine or framework": imports.packagesOfModules,
  "workspaces know one another by the contract": imports.workspaces,
  "the browser carries no schema": imports.noSchemaInBrowser,
  "imports form no circle": imports.cycles,
  "imports lead somewhere": imports.deadEnds,
  "only config reads the environment": places.environment,
  "only wiring constructs": places.construction,
  "only queries hold SQL": places.sql,
  "modules name no protocol and no engine": places.foreignNames,
  "files are short": shapes.fileLength,
  "functions are short": shapes.functionLength,
  "functions take few parameters": shapes.parameters,
  "front doors only re-export": shapes.indexFiles,
  "files are named in kebab-case": shapes.fileNames,
  "nothing unfinished hides in a comment": shapes.unfinished,
  "tests have names of their own": shapes.testNames,
  "migrations are numbered once": shapes.migrations,
};

/** What breaks a rule, a line each: `path:line message`. */
export function breaches(project: Project, rule: Rule): string[] {
  return rule(project).map(({ path, line, message }) => `${path}:${line} ${message}`);
}

export { readProject };
