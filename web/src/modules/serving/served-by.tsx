import type { Cohort, ColdStartStep, EndpointInput, ServedBy } from "@atrium/contract/serving";

/** Who answered, in words. */
export const SERVED_BY: Record<ServedBy, { title: string; says: string }> = {
  model: { title: "Model", says: "The model itself." },
  defaults: { title: "Defaults", says: "The model, with declared values for what was missing." },
  segment: { title: "Segment", says: "What entities of the same segment usually have." },
  popularity: { title: "Popularity", says: "What is most frequent." },
  constant: { title: "Constant", says: "A value that was declared." },
  none: { title: "Nobody", says: "No step of the chain could answer." },
};

/** Who answered, in a sentence; where no features are joined there is only the model. */
export function servedWords(servedBy: ServedBy, kind: EndpointInput["kind"]): string {
  const { title, says } = SERVED_BY[servedBy];
  return kind === "entities" && servedBy !== "model" ? `${title}. ${says}` : title;
}

/** A step of the chain as it was declared. */
export function stepWords(step: ColdStartStep): string {
  if (step.kind === "defaults")
    return step.shareMax < 1
      ? `The model with defaults, where at most ${Math.round(step.shareMax * 100)} % of the features are missing`
      : "The model with defaults for what is missing";
  if (step.kind === "segment")
    return `The ${step.statistic} of ${step.column} by ${step.by.join(" and ")}, of at least ${step.countMin} rows`;
  if (step.kind === "popularity")
    return step.limit === 1
      ? `The most frequent ${step.column}`
      : `The ${step.limit} most frequent values of ${step.column}`;
  return `Always ${JSON.stringify(step.value)}`;
}

export function CohortWord({ cohort }: { cohort: Cohort }) {
  return cohort === "new" ? (
    <span className="text-warn" title="Nothing is known of one of its entities">
      new
    </span>
  ) : (
    <span className="text-ink-2">known</span>
  );
}
