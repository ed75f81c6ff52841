import { parseSync } from "vite";

/** What the rules need to know of one TypeScript file. */
export interface Source {
  path: string;
  lineCount: number;
  imports: Import[];
  functions: FunctionShape[];
  /** Everything that is called, as written: `createTracking`, `db.insertInto`. */
  calls: Call[];
  /** Lines that read `process.env`. */
  environmentReads: number[];
  comments: { line: number; text: string }[];
  /** Names and text of the code, comments left out. */
  words: { line: number; text: string }[];
  /** Statements at the top that are not named re-exports. */
  ownStatements: number[];
  tests: { line: number; name: string }[];
}

export interface Import {
  line: number;
  from: string;
  /** Only types come this way: the running program does not follow it. */
  typesOnly: boolean;
  names: string[];
}

export interface FunctionShape {
  line: number;
  name: string;
  /** Lines of its own: those of functions inside it count for them. The body of `describe` is a list like a file: 0. */
  lines: number;
  parameters: number;
}

export interface Call {
  line: number;
  name: string;
}

interface Node {
  type: string;
  start: number;
  end: number;
  [field: string]: unknown;
}

const LEADING = new Set(["actor", "tx"]);
const FUNCTIONS = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"]);

/** Reads one file. Pure: the rules and their tests need no file system. */
export function readSource(path: string, text: string): Source {
  const parsed = parseSync(path, text, { lang: path.endsWith(".tsx") ? "tsx" : "ts" });
  const firstError = parsed.errors[0];
  if (firstError !== undefined) throw new Error(`${path}: ${firstError.message}`);
  const lineOf = lineFinder(text);
  const source: Source = {
    path,
    lineCount: text.split("\n").length - (text.endsWith("\n") ? 1 : 0),
    imports: [],
    functions: [],
    calls: [],
    environmentReads: [],
    comments: parsed.comments.map((comment) => ({ line: lineOf(comment.start), text: comment.value })),
    words: [],
    ownStatements: [],
    tests: [],
  };
  const program = parsed.program as unknown as Node;
  for (const statement of program.body as Node[]) {
    const reexport = statement.type === "ExportNamedDeclaration" && statement.source !== null;
    if (!reexport) source.ownStatements.push(lineOf(statement.start));
  }
  new Walk(source, lineOf).visit(program, "", []);
  return source;
}

/** One pass over the tree, filling in a Source. */
class Walk {
  readonly source: Source;
  readonly lineOf: (offset: number) => number;
  readonly groupBodies = new Set<Node>();

  constructor(source: Source, lineOf: (offset: number) => number) {
    this.source = source;
    this.lineOf = lineOf;
  }

  /** @returns how many lines the functions directly inside this node take */
  visit(node: Node, name: string, groups: readonly string[]): number {
    this.note(node);
    if (isGroupOfTests(node)) for (const body of node.arguments as Node[]) this.groupBodies.add(body);
    const inner = node.type === "CallExpression" ? this.noteCall(node, groups) : groups;
    const called = nameFor(node) ?? name;
    let nested = 0;
    for (const child of childrenOf(node)) nested += this.visit(child, called, inner);
    if (!FUNCTIONS.has(node.type)) return nested;
    const lines = this.lineOf(node.end) - this.lineOf(node.start) + 1;
    this.source.functions.push({
      line: this.lineOf(node.start),
      name: called || "a function",
      lines: this.groupBodies.has(node) ? 0 : lines - nested,
      parameters: parametersOf(node),
    });
    return lines > 1 ? lines : 0;
  }

  note(node: Node): void {
    const line = this.lineOf(node.start);
    if (node.type === "Identifier" || node.type === "JSXIdentifier") {
      this.source.words.push({ line, text: String(node.name) });
    } else if (node.type === "Literal" && typeof node.value === "string") {
      this.source.words.push({ line, text: node.value });
    } else if (node.type === "TemplateElement") {
      this.source.words.push({ line, text: String((node.value as { raw: string }).raw) });
    } else if (node.type === "MemberExpression" && dotted(node) === "process.env") {
      this.source.environmentReads.push(line);
    } else if (isNode(node.source) && typeof node.source.value === "string") {
      this.source.imports.push({ line, from: node.source.value, ...importedBy(node) });
    }
  }

  noteCall(node: Node, groups: readonly string[]): readonly string[] {
    const line = this.lineOf(node.start);
    const name = dotted(node.callee as Node);
    this.source.calls.push({ line, name });
    const first = (node.arguments as Node[])[0];
    if (first?.type !== "Literal" || typeof first.value !== "string") return groups;
    if (/^(describe)\b/.test(name)) return [...groups, first.value];
    if (/^(test|it)\b/.test(name))
      this.source.tests.push({ line, name: [...groups, first.value].join(" › ") });
    return groups;
  }
}

function isGroupOfTests(node: Node): boolean {
  if (node.type !== "CallExpression") return false;
  const callee = node.callee as Node;
  const name = callee.type === "CallExpression" ? dotted(callee.callee as Node) : dotted(callee);
  return /^describe\b/.test(name);
}

function importedBy(node: Node): { typesOnly: boolean; names: string[] } {
  const specifiers = (Array.isArray(node.specifiers) ? node.specifiers : []) as Node[];
  const kind = node.importKind ?? node.exportKind ?? "value";
  const isType = (specifier: Node) => (specifier.importKind ?? specifier.exportKind) === "type";
  return {
    typesOnly:
      kind === "type" || node.type === "TSImportType" || (specifiers.length > 0 && specifiers.every(isType)),
    names: specifiers.filter((s) => !isType(s)).map((s) => String((s.local as Node | undefined)?.name ?? "")),
  };
}

function nameFor(node: Node): string | undefined {
  if (node.type === "FunctionDeclaration" && isNode(node.id)) return String(node.id.name);
  if (node.type === "VariableDeclarator" && isNode(node.id)) return String(node.id.name ?? "");
  if (node.type === "Property" || node.type === "MethodDefinition")
    return String((node.key as Node).name ?? "");
  return undefined;
}

/**
 * The caller and the transaction lead by convention; they say in whose name and where, and do not count. `_tx` is the
 * same parameter where nobody reads it.
 */
function parametersOf(node: Node): number {
  const names = (node.params as Node[]).map((parameter) => parameter.name);
  const leads = LEADING.has(String(names[0]).replace(/^_/, ""));
  return names.filter((name) => name !== "this").length - (leads ? 1 : 0);
}

/** `a.b.c` for a chain of plain names, else the last name known. */
function dotted(node: Node): string {
  if (node.type === "Identifier") return String(node.name);
  if (node.type === "MemberExpression") {
    const object = dotted(node.object as Node);
    return `${object}.${String((node.property as Node).name ?? "")}`;
  }
  return "";
}

function childrenOf(node: Node): Node[] {
  return Object.values(node)
    .flatMap((value) => (Array.isArray(value) ? value : [value]))
    .filter(isNode);
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && typeof (value as Node).type === "string";
}

function lineFinder(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  };
}
