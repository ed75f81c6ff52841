import type { Entity, Materialization, Service, TrainingSet, View } from "@atrium/contract/feature-store";
import type {
  DefinitionRow,
  EntitySpec,
  FreshnessRow,
  MaterializationInputs,
  MaterializationRow,
  ServiceSpec,
  TrainingResult,
  TrainingSetRow,
  TrainingSpec,
  ViewSpec,
} from "./tables.ts";
import { aggregationWords, featuresOf, isWindowed } from "./window.ts";

function versionOf({ version, created_ms, created_by }: DefinitionRow) {
  return { version, createdMs: created_ms, createdBy: created_by };
}

export function showEntity(row: DefinitionRow): Entity {
  return { ...(JSON.parse(row.spec) as EntitySpec), ...versionOf(row) };
}

export function showService(row: DefinitionRow): Service {
  return { ...(JSON.parse(row.spec) as ServiceSpec), ...versionOf(row) };
}

export function showView(row: DefinitionRow, fresh: FreshnessRow | undefined): View {
  const spec = JSON.parse(row.spec) as ViewSpec;
  const allFeatures = featuresOf(spec).map((feature) => ({
    name: feature.name,
    type: feature.type,
    description: feature.description,
    ...(feature.default === undefined
      ? {}
      : { default: feature.default as View["allFeatures"][number]["default"] }),
    ...(isWindowed(feature) ? { aggregation: aggregationWords(feature) } : {}),
  }));
  return {
    ...spec,
    ...versionOf(row),
    allFeatures,
    freshness: {
      ...given("materializedToMs", fresh?.materialized_to_ms),
      ...given("newestEventMs", fresh?.newest_event_ms),
      ...given("writtenMs", fresh?.written_ms),
    },
  };
}

export function showMaterialization(row: MaterializationRow): Materialization {
  const inputs = JSON.parse(row.inputs) as MaterializationInputs;
  return {
    id: row.id,
    view: row.view_name,
    viewVersion: row.view_version,
    state: row.state,
    mode: row.mode,
    asOfMs: row.as_of_ms,
    ...given("fromMs", row.from_ms),
    datasetVersion: inputs.version,
    partsDone: row.parts_done,
    ...given("parts", row.parts),
    rowsRead: row.rows_read,
    rowsWritten: row.rows_written,
    ...given("error", row.error),
    createdBy: row.created_by,
    createdMs: row.created_ms,
    ...given("startedMs", row.started_ms),
    ...given("endedMs", row.ended_ms),
  };
}

export function showTrainingSet(row: TrainingSetRow): TrainingSet {
  const spec = JSON.parse(row.spec) as TrainingSpec;
  const result = row.result === "" ? undefined : (JSON.parse(row.result) as TrainingResult);
  const inputs = [
    { name: "frame", ...spec.frame },
    ...spec.views.map(({ view, input: { dataset, version, digest } }) => ({
      name: view,
      dataset,
      version,
      digest,
    })),
  ];
  return {
    name: row.name,
    number: row.number,
    id: row.id,
    state: row.state,
    asked: spec.asked,
    serviceVersion: spec.serviceVersion,
    inputs,
    ...given("sql", result?.sql),
    plans: result?.plans ?? {},
    columns: result?.columns ?? [],
    ...given("rows", row.row_count),
    ...given("artifactPath", row.artifact_path),
    ...given("digest", row.digest),
    ...given("sizeBytes", row.size_bytes),
    ...given("error", row.error),
    createdBy: row.created_by,
    createdMs: row.created_ms,
    ...given("endedMs", row.ended_ms),
  };
}

/** A field only where there is a value. */
function given<Name extends string, T>(name: Name, value: T | null | undefined): { [K in Name]?: T } {
  return (value === null || value === undefined ? {} : { [name]: value }) as { [K in Name]?: T };
}
