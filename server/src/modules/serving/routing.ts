import type { Route } from "@atrium/contract/serving";
import { AppError } from "#lib/errors";

const WHOLE = 100; // Percent
const ROUNDING = 1e-6; // What floating-point sums may lack of the whole.

/** Gives a deployment its share; the others keep the rest in the proportion they had. A sole deployment takes it all. */
export function withShare(routes: readonly Route[], deployment: string, weight: number): Route[] {
  const others = routes.filter((one) => one.deployment !== deployment && one.weight > 0);
  const sum = others.reduce((total, one) => total + one.weight, 0);
  const share = others.length === 0 ? WHOLE : weight;
  const rest = others.map((one) => ({
    deployment: one.deployment,
    weight: (one.weight / sum) * (WHOLE - share),
  }));
  return [...rest, { deployment, weight: share }].filter((one) => one.weight > 0);
}

/** @throws AppError `invalid` for weights that are no division of the whole */
export function checkRoutes(routes: readonly Route[]): Route[] {
  const seen = new Set<string>();
  for (const { deployment } of routes) {
    if (seen.has(deployment))
      throw new AppError("invalid", `Deployment ${deployment} is named twice.`, { at: "body.routes" });
    seen.add(deployment);
  }
  const sum = routes.reduce((total, one) => total + one.weight, 0);
  if (Math.abs(sum - WHOLE) > ROUNDING) {
    throw new AppError("invalid", `The weights add up to ${sum}; they must be ${WHOLE} together.`, {
      at: "body.routes",
    });
  }
  return routes.filter((one) => one.weight > 0);
}

/** The one whose part of the line from 0 to 1 holds `at`. */
export function pick<T extends { weight: number }>(routes: readonly T[], at: number): T | undefined {
  let left = at * routes.reduce((total, one) => total + one.weight, 0);
  for (const one of routes) {
    left -= one.weight;
    if (left < 0) return one;
  }
  return routes.at(-1);
}
