import { AppError } from "#lib/errors";
import { typed } from "./executor-json.ts";
import type { Json, Plan } from "./plan.ts";

const PARAMETERS_CHARS_MAX = 1024 * 1024; // They are handed to every step that reads them, in its command's files.

/** The run's parameters, each of its type, with the defaults of those not given. @throws AppError `invalid` */
export function parametersFor(plan: Plan, given: Readonly<Record<string, Json>>): Record<string, Json> {
  const declared = plan.root.inputs.parameters;
  const [unknown] = Object.keys(given).filter((name) => !Object.hasOwn(declared, name));
  if (unknown !== undefined)
    throw new AppError("invalid", `The pipeline ${plan.name} has no parameter ${unknown}.`, {
      at: `parameters.${unknown}`,
    });
  const made: Record<string, Json> = {};
  for (const [name, input] of Object.entries(declared)) {
    const value = given[name] ?? input.default;
    if (value === undefined) {
      if (input.optional) continue;
      throw new AppError("invalid", `The pipeline ${plan.name} needs the parameter ${name}.`, {
        at: `parameters.${name}`,
      });
    }
    made[name] = typed(value, { name, type: input.type });
    const isListed = input.literals.some((one) => JSON.stringify(one) === JSON.stringify(made[name]));
    if (input.literals.length > 0 && !isListed)
      throw new AppError("invalid", `The parameter ${name} is one of ${JSON.stringify(input.literals)}.`, {
        at: `parameters.${name}`,
      });
  }
  if (JSON.stringify(made).length > PARAMETERS_CHARS_MAX)
    throw new AppError("invalid", "The parameters are too long; pass data as an artifact.", {
      at: "parameters",
    });
  return made;
}
