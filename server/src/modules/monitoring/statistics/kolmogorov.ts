import { deviance, stirlingRest } from "./gamma.ts";
import { sumOf } from "./sum.ts";

const SMALL_SIZE_MAX = 140; // Up to here the matrix and the sum are exact in doubles for every x.
const SUMMED_SIZE_MAX = 1_000_000; // Of so many terms the sum takes a tenth of a second; scipy sums no more either.

/**
 * The chance that n values of a continuous distribution have an empirical distribution function that is `x` or more away
 * from it somewhere (Kolmogorov's distribution for a finite n, two-sided).
 * @param n a positive whole number @param x from 0 to 1
 * @remarks Which method is exact where: R. Simard and P. L'Ecuyer, "Computing the two-sided Kolmogorov-Smirnov
 *   distribution", J. Stat. Software 39 (2011). Equal to scipy.stats.kstwo.sf(x, n).
 */
export function kolmogorovAbove(n: number, x: number): number {
  if (x >= 1) return 0;
  const t = n * x;
  if (t <= 0.5) return 1;
  if (t <= 1) return 1 - closestStairs(n, t);
  if (t >= n - 1) return 2 * (1 - x) ** n;
  const nxx = t * x;
  const oneSidedIsHalf = x >= 0.5 || nxx > (n <= SMALL_SIZE_MAX ? 4 : 2.2);
  if (oneSidedIsHalf) return nxx >= 370 && n > SMALL_SIZE_MAX ? 0 : Math.min(1, 2 * smirnovAbove(n, x));
  const isExact = n <= SMALL_SIZE_MAX || (n <= 100_000 && n * x ** 1.5 <= 1.4);
  const below = isExact ? matrixBelow(n, x) : seriesBelow(n, x);
  return Math.min(1, Math.max(0, 1 - below));
}

/** n!·(2t - 1)ⁿ/nⁿ: for gaps between half a step and one step. */
function closestStairs(n: number, t: number): number {
  // n!/nⁿ = √(2πn)·e^(rest - n), by Stirling's formula with its rest.
  return Math.sqrt(2 * Math.PI * n) * Math.exp(stirlingRest(n) - n + n * Math.log(2 * t - 1));
}

/**
 * The one-sided chance: x·Σ C(n, j)·(x + j/n)^(j-1)·(1 - x - j/n)^(n-j) over j from 0 to n(1 - x). Each term is a
 * binomial probability times x/(x + j/n), which is computed without large logarithms. Of a million values and more the
 * limit e^(-(6nx + 1)²/18n) stands in.
 * @remarks Birnbaum and Tingey (1951).
 */
function smirnovAbove(n: number, x: number): number {
  if (n >= SUMMED_SIZE_MAX) return Math.exp(-((6 * n * x + 1) ** 2) / (18 * n));
  const last = Math.floor(n * (1 - x));
  return sumOf(last + 1, (j) => {
    const p = x + j / n;
    return p >= 1 ? 0 : (x / p) * binomial(n, j, p);
  });
}

/** C(n, j)·p^j·(1 - p)^(n-j), after Loader's saddle-point form. */
function binomial(n: number, j: number, p: number): number {
  const q = 1 - p;
  if (j === 0) return Math.exp(n * Math.log1p(-p));
  if (j === n) return p ** n;
  const rests = stirlingRest(n) - stirlingRest(j) - stirlingRest(n - j);
  const exponent = rests - deviance(j, n * p) - deviance(n - j, n * q);
  return Math.exp(exponent) * Math.sqrt(n / (2 * Math.PI * j * (n - j)));
}

/** n!/nⁿ times the middle element of a matrix's n-th power. @remarks G. Marsaglia, W. W. Tsang, J. Wang, J. Stat. Software 8 (2003). */
function matrixBelow(n: number, x: number): number {
  const k = Math.ceil(n * x);
  const size = 2 * k - 1;
  const base = durbinMatrix(size, k - n * x);
  // Powers grow and n!/nⁿ shrinks: what is taken out stands in the exponents of two.
  const power = matrixPower(base, size, n);
  const middle = power.matrix[(k - 1) * size + k - 1] ?? 0;
  let value = middle;
  let exponent = power.exponent;
  for (let i = 1; i <= n; i += 1) {
    value *= i / n;
    if (value < 1e-140) {
      value *= 2 ** 450;
      exponent -= 450;
    }
  }
  return value * 2 ** exponent;
}

function durbinMatrix(size: number, h: number): Float64Array {
  const matrix = new Float64Array(size * size);
  const at = (row: number, column: number) => row * size + column;
  for (let i = 0; i < size; i += 1) {
    for (let j = 0; j <= Math.min(i + 1, size - 1); j += 1) matrix[at(i, j)] = 1;
  }
  for (let i = 0; i < size; i += 1) {
    matrix[at(i, 0)] = (matrix[at(i, 0)] ?? 0) - h ** (i + 1);
    matrix[at(size - 1, i)] = (matrix[at(size - 1, i)] ?? 0) - h ** (size - i);
  }
  const corner = at(size - 1, 0);
  if (2 * h > 1) matrix[corner] = (matrix[corner] ?? 0) + (2 * h - 1) ** size;
  for (let i = 0; i < size; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      let factorial = 1;
      for (let g = 2; g <= i - j + 1; g += 1) factorial *= g;
      matrix[at(i, j)] = (matrix[at(i, j)] ?? 0) / factorial;
    }
  }
  return matrix;
}

interface Scaled {
  matrix: Float64Array;
  /** The value is `matrix` times two to this. */
  exponent: number;
}

function matrixPower(base: Float64Array, size: number, power: number): Scaled {
  if (power === 1) return { matrix: base, exponent: 0 };
  const half = matrixPower(base, size, Math.floor(power / 2));
  const square = { matrix: multiply(half.matrix, half.matrix, size), exponent: 2 * half.exponent };
  const whole =
    power % 2 === 0 ? square : { matrix: multiply(square.matrix, base, size), exponent: square.exponent };
  const middle = whole.matrix[Math.floor(size / 2) * (size + 1)] ?? 0;
  if (middle < 1e140) return whole;
  return { matrix: whole.matrix.map((value) => value * 2 ** -450), exponent: whole.exponent + 450 };
}

function multiply(a: Float64Array, b: Float64Array, size: number): Float64Array {
  const product = new Float64Array(size * size);
  for (let i = 0; i < size; i += 1) {
    for (let k = 0; k < size; k += 1) {
      const factor = a[i * size + k] ?? 0;
      if (factor === 0) continue;
      for (let j = 0; j < size; j += 1) {
        const at = i * size + j;
        product[at] = (product[at] ?? 0) + factor * (b[k * size + j] ?? 0);
      }
    }
  }
  return product;
}

/**
 * Four terms of the expansion in 1/√n, each a theta series: right to about 1e-9 where it is used.
 * @remarks W. Pelz and I. J. Good, "Approximating the lower tail-areas of the Kolmogorov-Smirnov one-sample statistic",
 *   J. Royal Statistical Society B 38 (1976); the coefficients as in Simard and L'Ecuyer.
 */
function seriesBelow(n: number, x: number): number {
  const z = Math.sqrt(n) * x;
  const zz = z * z;
  const p = Math.PI * Math.PI;
  const root = Math.sqrt(Math.PI / 2);
  // Terms fall as e^(-π²k²/2z²), and z is at most 4.3: twenty are more than enough.
  const odd = (term: (uu: number) => number) => 2 * sumOf(20, (k) => weighted((k + 0.5) ** 2, term));
  const whole = (term: (uu: number) => number) => 2 * sumOf(20, (k) => weighted((k + 1) ** 2, term));
  const weighted = (uu: number, term: (uu: number) => number) =>
    term(uu * p) * Math.exp((-p * uu) / (2 * zz));
  const k0 = (root * odd(() => 1)) / z;
  const k1 = (root * odd((v) => v - zz)) / (6 * z ** 4);
  const k2 =
    (root * odd((v) => 6 * zz ** 3 + 2 * zz ** 2 + (2 * zz ** 2 - 5 * zz) * v + (1 - 2 * zz) * v * v)) /
      (72 * z ** 7) -
    (root * whole((v) => v)) / (36 * z ** 3);
  const k3 =
    (root *
      odd(
        (v) =>
          (5 - 30 * zz) * v ** 3 +
          (212 * zz ** 2 - 60 * zz) * v * v +
          (135 * zz ** 2 - 96 * zz ** 3) * v -
          30 * zz ** 3 -
          90 * zz ** 4,
      )) /
      (6480 * z ** 10) +
    (root * whole((v) => 3 * zz * v - v * v)) / (216 * z ** 6);
  const step = 1 / Math.sqrt(n);
  return k0 + step * (k1 + step * (k2 + step * k3));
}
