import { AppError } from "#lib/errors";
import { checkText } from "./model.ts";

const SOURCE_CHARS_MAX = 2000; // Addresses of other stores have at most 1,024 bytes of path.
const DECODINGS_MAX = 8; // An honest address is stable after one or two.

/** What the source of a version names. */
export type Source =
  | { kind: "logged-model"; id: string }
  | { kind: "version"; name: string; version: number }
  | { kind: "alias"; name: string; alias: string }
  | { kind: "run"; runId: string; path: string }
  /** An address somewhere, or for a prompt any word. */
  | { kind: "address" };

/** Reads a source; `of` is what becomes a version of it. @throws AppError `invalid` */
export function parseSource(source: string, of: "model" | "prompt"): Source {
  if (source === "") {
    const more = "See the API docs for more information about request parameters.";
    throw refused(`Missing value for required parameter 'source'. ${more}`);
  }
  checkText(source, "source", SOURCE_CHARS_MAX);
  const model = /^models:\/+([^/].*)$/s.exec(source)?.[1];
  if (model !== undefined) return modelIn(source, model);
  const [, runId, path = ""] = /^runs:\/+([^/]+)(?:\/(.*))?$/s.exec(source) ?? [];
  if (runId !== undefined) return { kind: "run", runId, path: path.replace(/\/+$/, "") };
  checkAddress(source, of);
  return { kind: "address" };
}

/** The path of a folder's file or folder; empty means the folder itself. @throws AppError `invalid` */
export function pathBelow(folder: string, path: string, source: string): string {
  if (path === "") return folder;
  checkSegments(path, source);
  return `${folder}/${path}`;
}

/** Whether a path is a folder or lies in it. @throws AppError `invalid` for a path that is none */
export function isWithin(path: string, folder: string, source: string): boolean {
  checkSegments(path, source);
  return path === folder || path.startsWith(`${folder}/`);
}

/** @throws AppError `invalid` always: the named parameter does not say who owns the files */
export function notContained(source: string, parameter: "run_id" | "model_id"): AppError {
  const must = `The ${parameter} request parameter must identify the resource that contains the source.`;
  return refused(`Invalid model version source: '${source}'. ${must}`);
}

function modelIn(source: string, model: string): Source {
  if (/^m-[\w-]+$/.test(model)) return { kind: "logged-model", id: model };
  const [, name, version] = /^([^/]+)\/(\d{1,15})$/.exec(model) ?? [];
  if (name !== undefined && version !== undefined) return { kind: "version", name, version: Number(version) };
  const [, aliased, alias] = /^([^/@]+)@([^/@]+)$/.exec(model) ?? [];
  if (aliased !== undefined && alias !== undefined) return { kind: "alias", name: aliased, alias };
  const forms = "models:/<logged model id>, models:/<name>/<version> or models:/<name>@<alias>";
  throw refused(`Invalid model version source: '${source}'. Use ${forms}.`);
}

function checkAddress(source: string, of: "model" | "prompt"): void {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]+):/.exec(source)?.[1]?.toLowerCase();
  const local = scheme === "file" || (scheme === undefined && (of === "model" || /^[/\\]/.test(source)));
  if (local && of === "prompt") {
    throw refused(`Invalid prompt source: '${source}'. Local source paths are not allowed for prompts.`);
  }
  if (local) {
    throw refused(
      `Invalid model version source: '${source}'. To use a local path as a model version source, the run_id request ` +
        "parameter has to be specified and the local path has to be contained within the artifact directory of the " +
        "run specified by the run_id.",
    );
  }
  if (scheme !== undefined && formsOf(source).some((form) => form.split(/[/\\]/).includes(".."))) {
    throw relative(source);
  }
}

function checkSegments(path: string, source: string): void {
  const bad = (segment: string) => segment === "" || segment === "." || segment === "..";
  if (formsOf(path).some((form) => form.split(/[/\\]/).some(bad))) throw relative(source);
}

/** The text and what it becomes when its percent signs are decoded, again and again. */
function formsOf(text: string): string[] {
  const forms = [text];
  for (let i = 0; i < DECODINGS_MAX; i += 1) {
    const form = forms.at(-1) ?? "";
    const next = form.replaceAll(/%(2e|2f|5c|25|00)/gi, (code) => decodeURIComponent(code));
    if (next === form) break;
    forms.push(next);
  }
  return forms;
}

function relative(source: string): AppError {
  return refused(
    `Invalid model version source: '${source}'. If supplying a source as an http, https, local file path, ftp, ` +
      "objectstore, or artifact uri, an absolute path must be provided without relative path references " +
      "present. Please provide an absolute path.",
  );
}

function refused(message: string): AppError {
  return new AppError("invalid", message, { at: "source" });
}
