import { assert } from "#lib/errors";

const STEPS_MAX = 100_000; // Of series and fractions: both need about six times the square root of `a`.
const EPSILON = 2 ** -53;
const TINY = 1e-300;

/**
 * ln Γ(x + 1) - (x + ½)·ln x + x - ½·ln 2π for x > 0: what Stirling's formula leaves over. Exact to rounding, where the
 * difference of two large logarithms would not be.
 */
export function stirlingRest(x: number): number {
  // Up from small arguments by the recurrence, until six terms of the series are exact.
  if (x < 15) return stirlingRest(x + 1) + (x + 0.5) * Math.log1p(1 / x) - 1;
  const square = 1 / (x * x);
  const series =
    1 / 12 -
    (1 / 360 - (1 / 1260 - (1 / 1680 - (1 / 1188 - (691 / 360360) * square) * square) * square) * square) *
      square;
  return series / x;
}

/**
 * x·ln(x/m) + m - x, the deviance of a count from its mean, without cancellation near x = m.
 * @remarks C. Loader, "Fast and accurate computation of binomial probabilities" (2000).
 */
export function deviance(x: number, m: number): number {
  if (x === 0) return m;
  const v = (x - m) / (x + m);
  if (Math.abs(v) >= 0.1) return x * Math.log(x / m) + m - x;
  let term = 2 * x * v;
  let total = (x - m) * v;
  for (let j = 3; ; j += 2) {
    term *= v * v;
    const next = total + term / j;
    if (next === total) return next;
    total = next;
  }
}

/** x^a·e^(-x)/Γ(a + 1): the weight of a in a Poisson distribution of mean x. */
function poissonWeight(a: number, x: number): number {
  if (a === 0) return Math.exp(-x);
  return Math.exp(-stirlingRest(a) - deviance(a, x)) / Math.sqrt(2 * Math.PI * a);
}

/**
 * Q(a, x) = Γ(a, x)/Γ(a), the regularised upper incomplete gamma function; 1 at x = 0, falling to 0.
 * @remarks DLMF 8.7.1 (series, for x < a + 1) and 8.9.2 (continued fraction, by Lentz's method).
 */
function gammaQ(a: number, x: number): number {
  assert(a > 0 && x >= 0, "the incomplete gamma function is asked for a > 0 and x >= 0");
  if (x === 0) return 1;
  if (x === Number.POSITIVE_INFINITY) return 0;
  const weight = poissonWeight(a, x);
  if (x < a + 1) {
    let term = 1;
    let total = 1;
    for (let i = 1; i < STEPS_MAX && term > total * EPSILON; i += 1) {
      term *= x / (a + i);
      total += term;
    }
    return 1 - weight * total;
  }
  let b = x + 1 - a;
  let c = 1 / TINY;
  let d = 1 / b;
  let fraction = d;
  for (let i = 1; i < STEPS_MAX; i += 1) {
    const an = -i * (i - a);
    b += 2;
    d = 1 / nonZero(an * d + b);
    c = nonZero(b + an / c);
    const change = d * c;
    fraction *= change;
    if (Math.abs(change - 1) <= EPSILON * 2) break;
  }
  return weight * a * fraction;
}

function nonZero(x: number): number {
  return Math.abs(x) < TINY ? TINY : x;
}

/** The share of a chi-squared distribution that lies above `x`. */
export function chiSquaredAbove(x: number, degreesOfFreedom: number): number {
  return gammaQ(degreesOfFreedom / 2, x / 2);
}

/** The value that `share` of a chi-squared distribution lies above; exact to rounding, by halving. */
export function chiSquaredQuantile(share: number, degreesOfFreedom: number): number {
  let low = 0;
  let high = Math.max(1, degreesOfFreedom);
  while (chiSquaredAbove(high, degreesOfFreedom) > share) high *= 2;
  for (let i = 0; i < 200 && high - low > high * EPSILON; i += 1) {
    const middle = (low + high) / 2;
    if (chiSquaredAbove(middle, degreesOfFreedom) > share) low = middle;
    else high = middle;
  }
  return high;
}
