/**
 * Regular expressions in time proportional to text × pattern: all threads of a pattern advance together over the text,
 * so no pattern, however nested, can make it run for long. The syntax is RE2's without Unicode classes and word edges.
 */
const PROGRAM_MAX = 2000; // Steps of one pattern: with it a text of a thousand characters takes a few milliseconds.
const REPEATS_MAX = 1000; // As in RE2.
const DEPTH_MAX = 100; // Of groups: the parser calls itself for each.

type Range = readonly [low: number, high: number];
interface CharSet {
  negated: boolean;
  ranges: readonly Range[];
}

type Node =
  | { kind: "set"; set: CharSet }
  | { kind: "empty" }
  | { kind: "start" }
  | { kind: "end" }
  | { kind: "all" | "either"; nodes: Node[] }
  | { kind: "repeat"; node: Node; min: number; max: number };

type Step =
  | { op: "set"; set: CharSet }
  | { op: "split"; a: number; b: number }
  | { op: "jump"; to: number }
  | { op: "start" | "end" | "match" };

const DIGIT: Range[] = [[48, 57]];
const WORD: Range[] = [
  [48, 57],
  [65, 90],
  [95, 95],
  [97, 122],
];
const SPACE: Range[] = [
  [9, 10],
  [12, 13],
  [32, 32],
];
const ALL: CharSet = { negated: true, ranges: [] };
const NOT_NEWLINE: CharSet = { negated: true, ranges: [[10, 10]] };
const CONTROL: Record<string, number> = { n: 10, t: 9, r: 13, f: 12, v: 11, a: 7 };

/** Whether a text as a whole matches. */
export type WholeMatch = (text: string) => boolean;

/** @throws SyntaxError when the pattern is none, or asks for what is not supported; it says which. */
export function compileWhole(pattern: string, dot: "matches newlines" | "stops at newlines"): WholeMatch {
  const { node, ignoreCase } = parsePattern(pattern, dot === "matches newlines" ? ALL : NOT_NEWLINE);
  const program: Step[] = [];
  emit(node, program);
  program.push({ op: "match" });
  return (text) => run(program, ignoreCase ? text.toLowerCase() : text);
}

function parsePattern(pattern: string, dot: CharSet): { node: Node; ignoreCase: boolean } {
  const chars = Array.from(pattern);
  let at = 0;
  let ignoreCase = false;
  const flags = /^\(\?([is]+)\)/.exec(pattern);
  let any = dot;
  if (flags !== null) {
    ignoreCase = flags[1]?.includes("i") === true;
    if (flags[1]?.includes("s") === true) any = ALL;
    at = Array.from(flags[0]).length;
  }
  const node = either(0);
  if (at < chars.length) throw fault("there is a ')' that closes nothing");
  return { node, ignoreCase };

  function either(depth: number): Node {
    if (depth > DEPTH_MAX) throw fault("its groups stand in one another too deep");
    const nodes = [all(depth)];
    while (chars[at] === "|") {
      at += 1;
      nodes.push(all(depth));
    }
    return nodes.length === 1 ? (nodes[0] ?? { kind: "empty" }) : { kind: "either", nodes };
  }

  function all(depth: number): Node {
    const nodes: Node[] = [];
    while (at < chars.length && chars[at] !== "|" && chars[at] !== ")") nodes.push(repeated(atom(depth)));
    return { kind: "all", nodes };
  }

  function repeated(node: Node): Node {
    const bounds = quantifier();
    if (bounds === undefined) return node;
    if (chars[at] === "?") at += 1; // Lazy or greedy, a whole match is the same.
    if (quantifier() !== undefined) throw fault("it repeats a repetition without a group");
    return { kind: "repeat", node, ...bounds };
  }

  function quantifier(): { min: number; max: number } | undefined {
    const simple = { "*": [0, Infinity], "+": [1, Infinity], "?": [0, 1] }[chars[at] ?? ""];
    if (simple !== undefined) {
      at += 1;
      return { min: simple[0] ?? 0, max: simple[1] ?? 0 };
    }
    const counted = /^\{(\d{1,5})(,(\d{1,5})?)?\}/.exec(chars.slice(at, at + 14).join(""));
    if (counted === null) return undefined;
    at += counted[0].length;
    const min = Number(counted[1]);
    const max = counted[2] === undefined ? min : counted[3] === undefined ? Infinity : Number(counted[3]);
    if (min > REPEATS_MAX || (max !== Infinity && (max > REPEATS_MAX || max < min)))
      throw fault(`the repetition ${counted[0]} is beyond ${REPEATS_MAX} or ends before it begins`);
    return { min, max };
  }

  function atom(depth: number): Node {
    const char = chars[at] ?? "";
    at += 1;
    if (char === "(") return group(depth);
    if (char === "[") return { kind: "set", set: bracket() };
    if (char === ".") return { kind: "set", set: any };
    if (char === "^") return { kind: "start" };
    if (char === "$") return { kind: "end" };
    if (char === "*" || char === "+" || char === "?") throw fault(`the '${char}' repeats nothing`);
    if (char !== "\\") return literal(char);
    if (chars[at] === "A" || chars[at] === "z") {
      at += 1;
      return { kind: chars[at - 1] === "A" ? "start" : "end" };
    }
    return { kind: "set", set: escaped() };
  }

  function group(depth: number): Node {
    if (chars[at] === "?") {
      const opening = /^\?(:|P?<\w+>)/.exec(chars.slice(at, at + 70).join(""));
      if (opening === null) throw fault("it has a group of a kind that is not supported");
      at += opening[0].length;
    }
    const node = either(depth + 1);
    if (chars[at] !== ")") throw fault("a '(' is not closed");
    at += 1;
    return node;
  }

  function literal(char: string): Node {
    return { kind: "set", set: only((ignoreCase ? char.toLowerCase() : char).codePointAt(0) ?? 0) };
  }

  /** Behind a backslash. */
  function escaped(): CharSet {
    const char = chars[at];
    at += 1;
    if (char === undefined) throw fault("it ends with a backslash");
    const named = { d: DIGIT, w: WORD, s: SPACE }[char.toLowerCase()];
    if (named !== undefined) return { negated: char !== char.toLowerCase(), ranges: named };
    if (CONTROL[char] !== undefined) return only(CONTROL[char]);
    if (char === "x") {
      const hex = /^(?:\{([0-9a-fA-F]{1,6})\}|([0-9a-fA-F]{2}))/.exec(chars.slice(at, at + 8).join(""));
      if (hex === null) throw fault("an \\x is not followed by hexadecimal digits");
      at += hex[0].length;
      return only(Number.parseInt(hex[1] ?? hex[2] ?? "0", 16));
    }
    if (/[A-Za-z0-9]/.test(char)) throw fault(`\\${char} is not supported`);
    return only(char.codePointAt(0) ?? 0);
  }

  function bracket(): CharSet {
    const negated = chars[at] === "^";
    if (negated) at += 1;
    const ranges: Range[] = [];
    for (let first = true; ; first = false) {
      const char = chars[at];
      if (char === undefined) throw fault("a '[' is not closed");
      if (char === "]" && !first) break;
      if (char === "[" && chars[at + 1] === ":")
        throw fault("named classes like [[:alpha:]] are not supported");
      ranges.push(...rangesFrom());
    }
    at += 1;
    const both = ignoreCase
      ? ranges.flatMap(([low, high]) => [[low, high] as const, lowered([low, high])])
      : ranges;
    return { negated, ranges: both };
  }

  function rangesFrom(): readonly Range[] {
    const low = setHere();
    const [from] = low.ranges;
    const single = !low.negated && low.ranges.length === 1 && from !== undefined && from[0] === from[1];
    if (!single || chars[at] !== "-" || chars[at + 1] === "]" || chars[at + 1] === undefined)
      return low.negated ? complement(low.ranges) : low.ranges;
    at += 1;
    const [to] = setHere().ranges;
    if (to === undefined || to[0] !== to[1] || to[0] < from[0]) throw fault("a range ends before it begins");
    return [[from[0], to[0]]];
  }

  function setHere(): CharSet {
    const char = chars[at] ?? "";
    at += 1;
    return char === "\\" ? escaped() : only(char.codePointAt(0) ?? 0);
  }

  function fault(why: string): SyntaxError {
    return new SyntaxError(`The pattern '${pattern.slice(0, 100)}' cannot be used: ${why}.`);
  }
}

function only(code: number): CharSet {
  return { negated: false, ranges: [[code, code]] };
}

/** A range of capital letters as small ones; others stay what they are. */
function lowered([low, high]: Range): Range {
  const shift = (code: number): number => (code >= 65 && code <= 90 ? code + 32 : code);
  return [shift(Math.max(low, 65)), shift(Math.min(high, 90))];
}

function complement(ranges: readonly Range[]): Range[] {
  const gaps: Range[] = [];
  let next = 0;
  for (const [low, high] of ranges) {
    if (low > next) gaps.push([next, low - 1]);
    next = high + 1;
  }
  gaps.push([next, 0x10ffff]);
  return gaps;
}

function emit(node: Node, program: Step[]): void {
  if (program.length > PROGRAM_MAX)
    throw new SyntaxError(`The pattern is too large: it needs more than ${PROGRAM_MAX} steps.`);
  switch (node.kind) {
    case "empty":
      return;
    case "start":
    case "end":
      program.push({ op: node.kind });
      return;
    case "set":
      program.push({ op: "set", set: node.set });
      return;
    case "all":
      for (const one of node.nodes) emit(one, program);
      return;
    case "either":
      emitEither(node.nodes, program);
      return;
    case "repeat":
      emitRepeat(node, program);
  }
}

function emitEither(nodes: readonly Node[], program: Step[]): void {
  const ends: { op: "jump"; to: number }[] = [];
  for (const [i, one] of nodes.entries()) {
    if (i === nodes.length - 1) {
      emit(one, program);
      break;
    }
    const split = { op: "split" as const, a: program.length + 1, b: 0 };
    program.push(split);
    emit(one, program);
    const end = { op: "jump" as const, to: 0 };
    program.push(end);
    ends.push(end);
    split.b = program.length;
  }
  for (const end of ends) end.to = program.length;
}

function emitRepeat({ node, min, max }: { node: Node; min: number; max: number }, program: Step[]): void {
  for (let i = 0; i < min; i += 1) emit(node, program);
  if (max === Infinity) {
    const split = { op: "split" as const, a: program.length + 1, b: 0 };
    const begin = program.push(split) - 1;
    emit(node, program);
    program.push({ op: "jump", to: begin });
    split.b = program.length;
    return;
  }
  const splits: { op: "split"; a: number; b: number }[] = [];
  for (let i = min; i < max; i += 1) {
    const split = { op: "split" as const, a: program.length + 1, b: 0 };
    splits.push(split);
    program.push(split);
    emit(node, program);
  }
  for (const split of splits) split.b = program.length;
}

function run(program: readonly Step[], text: string): boolean {
  const codes = Array.from(text, (char) => char.codePointAt(0) ?? 0);
  const end = codes.length;
  let threads = new Set<number>();
  follow(program, threads, { from: 0, at: 0, end });
  for (let at = 0; at < end; at += 1) {
    const next = new Set<number>();
    for (const thread of threads) {
      const step = program[thread];
      if (step?.op === "set" && holds(step.set, codes[at] ?? 0))
        follow(program, next, { from: thread + 1, at: at + 1, end });
    }
    if (next.size === 0) return false;
    threads = next;
  }
  return [...threads].some((thread) => program[thread]?.op === "match");
}

/** Adds a thread, and all to which it goes on without reading a character. */
function follow(
  program: readonly Step[],
  threads: Set<number>,
  { from, at, end }: { from: number; at: number; end: number },
): void {
  const waiting = [from];
  for (let thread = waiting.pop(); thread !== undefined; thread = waiting.pop()) {
    if (threads.has(thread)) continue;
    threads.add(thread);
    const step = program[thread];
    if (step?.op === "jump") waiting.push(step.to);
    else if (step?.op === "split") waiting.push(step.b, step.a);
    else if ((step?.op === "start" && at === 0) || (step?.op === "end" && at === end))
      waiting.push(thread + 1);
  }
}

function holds({ negated, ranges }: CharSet, code: number): boolean {
  return ranges.some(([low, high]) => code >= low && code <= high) !== negated;
}
