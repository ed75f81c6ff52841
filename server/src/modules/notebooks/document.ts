import type { NotebookCell, NotebookDocument, NotebookOutput } from "@atrium/contract/notebooks";
import { z } from "zod";
import { AppError } from "#lib/errors";

const CELLS_MAX = 500; // A page of more is not read; the file has them all.
const OUTPUTS_MAX = 100; // Of one cell.
const TEXT_CHARACTERS_MAX = 100_000; // Two thousand lines, of a source or an output.
const HTML_CHARACTERS_MAX = 500_000; // Interactive charts with their data come close.
const IMAGE_CHARACTERS_MAX = 4_000_000; // Base64 of 3 MB: a photograph, or any plot.

// IPython colours its tracebacks, and programs their progress, for a terminal: ECMA-48, control sequences.
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what they begin with.
const TERMINAL_CODES = /\u001b\[[0-9;?]*[ -/]*[@-~]/g;

const IMAGES = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml"] as const;

const text = z.union([z.string(), z.array(z.string()).transform((lines) => lines.join(""))]);
const output = z.looseObject({
  output_type: z.string(),
  name: z.string().optional(),
  text: text.optional(),
  data: z.record(z.string(), z.unknown()).optional(),
  ename: z.string().optional(),
  evalue: z.string().optional(),
  traceback: z.array(z.string()).optional(),
});
const times = z.looseObject({
  status: z.enum(["pending", "running", "completed", "failed", "cancelled"]).optional().catch(undefined),
  start_time: z.string().nullish().catch(null),
  end_time: z.string().nullish().catch(null),
});
const cell = z.looseObject({
  id: z.string().optional(),
  cell_type: z.enum(["code", "markdown", "raw"]),
  source: text.default(""),
  execution_count: z.number().int().nullish().catch(null),
  metadata: z
    .looseObject({
      tags: z.array(z.string()).optional().catch([]),
      papermill: times.optional().catch(undefined),
    })
    .default({}),
  outputs: z.array(output).default([]),
});
const notebook = z.looseObject({
  nbformat: z.literal(4, "Only notebooks of format 4 are read; save it again in JupyterLab."),
  cells: z.array(cell),
  metadata: z
    .looseObject({ language_info: z.looseObject({ name: z.string() }).optional().catch(undefined) })
    .default({}),
});

/**
 * What can be drawn of a notebook's file. Of each output the richest form is taken that is safe where it is drawn.
 * @remarks The format: nbformat/v4/nbformat.v4.5.schema.json
 * @throws AppError `invalid` when it is no notebook, saying where
 */
export function readDocument(json: string): Pick<NotebookDocument, "language" | "cells" | "cut"> {
  let given: unknown;
  try {
    given = JSON.parse(json);
  } catch (cause) {
    throw new AppError("invalid", "The file is no notebook: it is not JSON.", { cause });
  }
  const parsed = notebook.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new AppError(
      "invalid",
      `The file is no notebook: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`,
    );
  }
  const { cells, metadata } = parsed.data;
  return {
    language: metadata.language_info?.name ?? "python",
    cells: cells.slice(0, CELLS_MAX).map(toCell),
    cut: cells.length > CELLS_MAX,
  };
}

function toCell(given: z.output<typeof cell>, index: number): NotebookCell {
  const { cell_type: kind, metadata, outputs } = given;
  const { status, start_time, end_time } = metadata.papermill ?? {};
  return {
    id: given.id ?? String(index),
    kind,
    source: given.source.slice(0, TEXT_CHARACTERS_MAX),
    tags: metadata.tags ?? [],
    executionCount: given.execution_count ?? null,
    state: kind === "code" ? (status ?? null) : null,
    startedMs: timeOf(start_time),
    endedMs: timeOf(end_time),
    outputs: outputs.slice(0, OUTPUTS_MAX).flatMap(toOutput),
  };
}

function toOutput(given: z.output<typeof output>): NotebookOutput[] {
  if (given.output_type === "stream") {
    const name = given.name === "stderr" ? "stderr" : "stdout";
    return [{ kind: "stream", name, ...cut(given.text ?? "") }];
  }
  if (given.output_type === "error") {
    const traceback = cut((given.traceback ?? []).join("\n")).text;
    return [{ kind: "error", name: given.ename ?? "", message: cut(given.evalue ?? "").text, traceback }];
  }
  return given.data === undefined ? [] : [richest(given.data)];
}

function richest(data: Record<string, unknown>): NotebookOutput {
  for (const mediaType of IMAGES) {
    const image = textOf(data[mediaType]);
    if (image === undefined) continue;
    const isText = mediaType === "image/svg+xml";
    const base64 = isText ? Buffer.from(image).toString("base64") : image.replaceAll(/\s/g, "");
    if (base64.length > IMAGE_CHARACTERS_MAX || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64))
      return { kind: "omitted", mediaType, sizeBytes: image.length };
    return { kind: "image", mediaType, base64 };
  }
  const html = textOf(data["text/html"]);
  if (html !== undefined && html.length <= HTML_CHARACTERS_MAX) return { kind: "html", html };
  const markdown = textOf(data["text/markdown"]);
  if (markdown !== undefined) return { kind: "markdown", ...cut(markdown) };
  const latex = textOf(data["text/latex"]);
  if (latex !== undefined) return { kind: "latex", ...cut(latex) };
  const plain = textOf(data["text/plain"]);
  if (plain !== undefined) return { kind: "text", ...cut(plain) };
  const [mediaType = "unknown", content] = Object.entries(data)[0] ?? [];
  if (mediaType === "application/json")
    return { kind: "json", ...cut(JSON.stringify(content, undefined, 1)) };
  return { kind: "omitted", mediaType, sizeBytes: JSON.stringify(content ?? null).length };
}

function cut(whole: string): { text: string; cut: boolean } {
  const plain = whole.slice(0, TEXT_CHARACTERS_MAX).replaceAll(TERMINAL_CODES, "");
  return { text: plain, cut: whole.length > TEXT_CHARACTERS_MAX };
}

function textOf(value: unknown): string | undefined {
  const parsed = text.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}

function timeOf(given: string | null | undefined): number | null {
  const ms = Date.parse(given ?? "");
  return Number.isNaN(ms) ? null : ms;
}
