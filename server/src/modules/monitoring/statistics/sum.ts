/**
 * The sum of numbers, compensated: the error does not grow with how many there are, and the order hardly matters.
 * @remarks Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen", ZAMM 54 (1974).
 */
export function sum(values: Iterable<number>): number {
  let total = 0;
  let lost = 0;
  for (const value of values) {
    const next = total + value;
    lost += Math.abs(total) >= Math.abs(value) ? total - next + value : value - next + total;
    total = next;
  }
  return total + lost;
}

/** The sum of `term(0)`, …, `term(n - 1)`, compensated as `sum`. */
export function sumOf(n: number, term: (i: number) => number): number {
  return sum(terms(n, term));
}

function* terms(n: number, term: (i: number) => number): Generator<number> {
  for (let i = 0; i < n; i += 1) yield term(i);
}
