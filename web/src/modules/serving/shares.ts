/** Shares of the traffic by deployment, in percent. */
export type Shares = Readonly<Record<string, number>>;

/**
 * The shares after one was set: the others give or take what is missing in their own proportion, in whole percents that add
 * up to 100. Where all others have nothing, the first of them takes it.
 */
export function withShare(shares: Shares, id: string, wanted: number): Shares {
  const others = Object.keys(shares).filter((one) => one !== id);
  if (others.length === 0) return { [id]: 100 };
  const share = Math.max(0, Math.min(100, Math.round(wanted)));
  const rest = 100 - share;
  const sum = others.reduce((total, one) => total + (shares[one] ?? 0), 0);
  const exact = others.map((one, at) => {
    const part = sum > 0 ? ((shares[one] ?? 0) / sum) * rest : at === 0 ? rest : 0;
    return { one, whole: Math.floor(part), left: part - Math.floor(part) };
  });
  // What rounding down left over goes to those that lost most by it.
  let open = rest - exact.reduce((total, { whole }) => total + whole, 0);
  for (const part of [...exact].sort((a, b) => b.left - a.left)) {
    if (open <= 0) break;
    part.whole += 1;
    open -= 1;
  }
  const next = new Map(exact.map(({ one, whole }) => [one, whole]));
  return Object.fromEntries(
    Object.keys(shares).map((one) => [one, one === id ? share : (next.get(one) ?? 0)]),
  );
}

/** As routes: a share of nothing is no route. */
export function routesOf(shares: Shares): { deployment: string; weight: number }[] {
  return Object.entries(shares)
    .filter(([, weight]) => weight > 0)
    .map(([deployment, weight]) => ({ deployment, weight }));
}

export function sameShares(a: Shares, b: Shares): boolean {
  return Object.keys({ ...a, ...b }).every((id) => (a[id] ?? 0) === (b[id] ?? 0));
}
