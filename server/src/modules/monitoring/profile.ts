import { seal, unseal } from "#lib/seal";
import { sum } from "./statistics/sum.ts";

/** What is kept of a reference's column: enough to compare every window with it. */
export type Profile = NumberProfile | CategoryProfile;

export interface NumberProfile {
  kind: "number";
  rows: number;
  missing: number;
  invalid: number;
  /** Rising: the least value, inner deciles that differ, the greatest. A constant stands twice; empty without values. */
  edges: readonly number[];
  /** Rows below the first edge, from one edge to the next, and above the last: one more than edges. */
  counts: readonly number[];
  standardDeviation: number;
  /** The reference's 0.1 % and 99.9 %. */
  clamp: { from: number; to: number };
  /** Drawn from the reference: distinct values, rising, and how often each was drawn. */
  sample: { values: readonly number[]; counts: readonly number[]; size: number };
}

export interface CategoryProfile {
  kind: "category";
  rows: number;
  missing: number;
  /** The most frequent first, equal ones by name. */
  categories: readonly (readonly [name: string, rows: number])[];
  /** Rows of categories that are not named: there were too many. */
  unnamed: number;
}

/** Rows of a window by the bins of its reference; one for each of `binsOf`. */
export type BinCounts = readonly number[];

export interface Bin {
  label: string;
  kind: "range" | "category" | "other" | "unseen" | "missing" | "invalid";
  from?: number;
  to?: number;
  rows: number;
}

export const CATEGORIES_SHOWN = 20; // Bars that an eye can tell apart; the others are compared as one.

/** The bins of a reference, in order, with its own rows. Missing and invalid come last. */
export function binsOf(profile: Profile): Bin[] {
  return profile.kind === "number" ? numberBins(profile) : categoryBins(profile);
}

function numberBins({ edges, counts, missing, invalid }: NumberProfile): Bin[] {
  const ranges = counts.map((rows, i): Bin => {
    const from = edges[i - 1];
    const to = edges[i];
    // The greatest value of the reference belongs to its last range: what is above starts behind it.
    const opens = i === counts.length - 1 ? "(" : "[";
    const closes = i === counts.length - 2 ? "]" : ")";
    const label = `${opens}${from ?? "-∞"}, ${to ?? "∞"}${closes}`;
    return {
      label,
      kind: "range",
      rows,
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
    };
  });
  return [
    ...ranges,
    { label: "missing", kind: "missing", rows: missing },
    { label: "invalid", kind: "invalid", rows: invalid },
  ];
}

function categoryBins({ categories, unnamed, missing }: CategoryProfile): Bin[] {
  const shown = categories.slice(0, CATEGORIES_SHOWN);
  const rest = sum(categories.slice(CATEGORIES_SHOWN).map(([, rows]) => rows)) + unnamed;
  return [
    ...shown.map(([label, rows]): Bin => ({ label, kind: "category", rows })),
    { label: "other", kind: "other", rows: rest },
    { label: "unseen", kind: "unseen", rows: 0 },
    { label: "missing", kind: "missing", rows: missing },
  ];
}

export function sealProfile(
  profile: Profile,
  key: Buffer,
  at: { monitorId: string; column: string },
): Buffer {
  return seal(key, Buffer.from(JSON.stringify(profile)), contextOf(at));
}

/** @throws AppError `unavailable` when it was sealed with another key or for another place */
export function openProfile(sealed: Buffer, key: Buffer, at: { monitorId: string; column: string }): Profile {
  return JSON.parse(unseal(key, sealed, contextOf(at)).toString()) as Profile;
}

function contextOf({ monitorId, column }: { monitorId: string; column: string }): string {
  return `monitoring-reference:${monitorId}:${column}`;
}
