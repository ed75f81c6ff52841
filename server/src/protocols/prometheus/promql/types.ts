import { FUNCTIONS } from "./catalogue.ts";
import { badData } from "./fault.ts";
import type { Aggregate, Binary, Call, Expression, ValueType } from "./syntax.ts";

const COMPARISONS = ["==", "!=", "<", ">", "<=", ">="];
const SETS = ["and", "or", "unless"];

export function isComparison(op: string): boolean {
  return COMPARISONS.includes(op);
}

export function isSetOperator(op: string): boolean {
  return SETS.includes(op);
}

/** What an expression gives, its parts looked at on the way. @throws PromError when they do not fit */
export function checkTypes(expression: Expression): ValueType {
  switch (expression.kind) {
    case "number":
      return "scalar";
    case "selector":
      return expression.rangeMs === undefined ? "vector" : "matrix";
    case "negate":
      return notMatrix(
        checkTypes(expression.of),
        "unary expression only allowed on expressions of type scalar or instant vector",
      );
    case "call":
      return checkCall(expression);
    case "aggregate":
      return checkAggregate(expression);
    case "binary":
      return checkBinary(expression);
  }
}

function checkCall({ name, args }: Call): ValueType {
  const { takes = [], gives = "vector" } = FUNCTIONS[name] ?? {};
  for (const [i, arg] of args.entries()) {
    const wanted = takes[i]?.replace("?", "");
    const given = checkTypes(arg);
    if (given !== wanted)
      throw badData(`expected type ${worded(wanted)} in call to function "${name}", got ${worded(given)}`);
  }
  return gives;
}

function checkAggregate({ op, parameter, of }: Aggregate): ValueType {
  const given = checkTypes(of);
  if (given !== "vector")
    throw badData(`expected type instant vector in aggregation expression, got ${worded(given)}`);
  if (parameter !== undefined && checkTypes(parameter) !== "scalar")
    throw badData(`expected type scalar in aggregation parameter of ${op}`);
  return "vector";
}

function checkBinary({ op, left, right, result, matching }: Binary): ValueType {
  const why = "binary expression must contain only scalar and instant vector types";
  const types = [notMatrix(checkTypes(left), why), notMatrix(checkTypes(right), why)];
  const scalars = types.filter((type) => type === "scalar").length;
  if (isSetOperator(op) && scalars > 0)
    throw badData(`set operator "${op}" not allowed in binary scalar expression`);
  if (scalars > 0 && (matching.labels.length > 0 || matching.kind === "on"))
    throw badData("vector matching only allowed between instant vectors");
  if (scalars === 2 && isComparison(op) && result !== "bool")
    throw badData("comparisons between scalars must use BOOL modifier");
  return scalars === 2 ? "scalar" : "vector";
}

function notMatrix(type: ValueType, why: string): ValueType {
  if (type === "matrix") throw badData(why);
  return type;
}

function worded(type: string | undefined): string {
  return type === "vector" ? "instant vector" : type === "matrix" ? "range vector" : (type ?? "nothing");
}
