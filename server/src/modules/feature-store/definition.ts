import type { FeatureType, KeyType, NewEntity, NewService, NewView } from "@atrium/contract/feature-store";
import { AppError } from "#lib/errors";
import type { OfflineColumn } from "#ports/offline-engine";
import type { EntitySpec, ServiceSpec, ViewSpec } from "./tables.ts";
import { fits } from "./value.ts";
import { type Feature, featuresOf, isWindowed } from "./window.ts";

const FEATURES_MAX = 1000; // Of one view: a row of them is some KiB online.
const KEYS_MAX = 8;

const WHOLE = /^U?(TINYINT|SMALLINT|INTEGER)$|^BIGINT$/;
const NUMBER = /^U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$|^(FLOAT|DOUBLE|DECIMAL\(.*\))$/;
const TEXT = /^(VARCHAR|UUID|ENUM\(.*\))$/;
const TIME = /^(DATE|TIMESTAMP(_S|_MS|_NS)?|TIMESTAMP WITH TIME ZONE)$/;

const SCALARS: Record<string, RegExp> = {
  string: TEXT,
  int64: WHOLE,
  float64: NUMBER,
  bool: /^BOOLEAN$/,
  timestamp: TIME,
};

/** What a column of a dataset may be read as. */
export function mayBe(column: string, type: FeatureType): boolean {
  if (!type.endsWith("[]")) return SCALARS[type]?.test(column) === true;
  return column.endsWith("[]") && SCALARS[type.slice(0, -2)]?.test(column.slice(0, -2)) === true;
}

export function isTime(column: string): boolean {
  return TIME.test(column);
}

export function invalid(message: string, at: string): AppError {
  return new AppError("invalid", message, { at: `body.${at}` });
}

export function checkEntity(given: NewEntity): EntitySpec {
  refuseTwins(
    given.joinKeys.map(({ name }) => name),
    "joinKeys",
  );
  return given;
}

/** A view against its entities and the columns of its dataset. @throws AppError `invalid`, with the path of what is wrong */
export function checkView(
  given: NewView,
  entities: readonly EntitySpec[],
  columns: readonly OfflineColumn[],
): ViewSpec {
  const joinKeys = keysOf(entities.map((entity) => entity.joinKeys));
  if (joinKeys.length > KEYS_MAX) throw invalid(`A view has at most ${KEYS_MAX} join keys.`, "entities");
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  for (const { name, type } of joinKeys) {
    requireColumn(types, { name, at: "entities", wanted: `the join key's type ${type}` }, (found) =>
      mayBe(found, type),
    );
  }
  const { timestampColumn, createdColumn } = given.source;
  requireColumn(types, { name: timestampColumn, at: "source.timestampColumn", wanted: "a time" }, isTime);
  if (createdColumn !== undefined) {
    requireColumn(types, { name: createdColumn, at: "source.createdColumn", wanted: "a time" }, isTime);
  }
  if ((given.features.length === 0) === (given.aggregations.length === 0)) {
    throw invalid("A view has features or aggregations, and not both; make two views.", "features");
  }
  const features = featuresOf(given);
  if (features.length > FEATURES_MAX)
    throw invalid(`A view has at most ${FEATURES_MAX} features.`, "features");
  refuseTwins([...joinKeys.map(({ name }) => name), ...features.map(({ name }) => name)], "features");
  for (const feature of features) checkFeature(feature, types);
  return { ...given, joinKeys };
}

function checkFeature(feature: Feature, types: ReadonlyMap<string, string>): void {
  if (isWindowed(feature)) {
    if (feature.column === undefined) {
      if (feature.function !== "count") throw invalid(`${feature.function} needs a column.`, "aggregations");
      return;
    }
    const at = { name: feature.column, at: "aggregations", wanted: "a number" };
    requireColumn(types, at, (type) => NUMBER.test(type) || type === "BOOLEAN");
  } else {
    const wanted = `the feature's type ${feature.type}`;
    const at = { name: feature.column, at: `features.${feature.name}`, wanted };
    requireColumn(types, at, (type) => mayBe(type, feature.type));
  }
  const { default: value, type, name } = feature;
  if (value !== undefined && (value === null || !fits(value, type)))
    throw invalid(`The default of ${name} is not of the type ${type}.`, `features.${name}.default`);
}

function requireColumn(
  types: ReadonlyMap<string, string>,
  { name, at, wanted }: { name: string; at: string; wanted: string },
  isRight: (type: string) => boolean,
): void {
  const type = types.get(name);
  if (type === undefined) throw invalid(`The dataset has no column ${name}.`, at);
  if (!isRight(type)) throw invalid(`Column ${name} is ${type}, which cannot be read as ${wanted}.`, at);
}

/** A service against the views that it names, in their order. */
export function checkService(
  given: NewService,
  views: readonly { name: string; version: number; spec: ViewSpec }[],
): ServiceSpec {
  refuseTwins(
    given.views.map(({ view }) => view),
    "views",
  );
  const chosen = views.map(({ name, version, spec }, i) => {
    const has = featuresOf(spec).map((feature) => feature.name);
    const features = given.views[i]?.features ?? has;
    refuseTwins(features, `views.${i}.features`);
    const unknown = features.find((feature) => !has.includes(feature));
    if (unknown !== undefined)
      throw invalid(`View ${name}@${version} has no feature ${unknown}.`, `views.${i}.features`);
    return { view: name, version, features };
  });
  const joinKeys = keysOf(views.map(({ spec }) => spec.joinKeys));
  return { name: given.name, description: given.description, views: chosen, joinKeys };
}

/** Keys of several things together: the same name must mean the same type. */
function keysOf(groups: readonly (readonly { name: string; type: KeyType }[])[]): ViewSpec["joinKeys"] {
  const keys = new Map<string, KeyType>();
  for (const { name, type } of groups.flat()) {
    const had = keys.get(name);
    if (had !== undefined && had !== type)
      throw invalid(`Join key ${name} is ${had} in one place and ${type} in another.`, "entities");
    keys.set(name, type);
  }
  return [...keys].map(([name, type]) => ({ name, type }));
}

function refuseTwins(names: readonly string[], at: string): void {
  const twin = names.find((name, i) => names.indexOf(name) !== i);
  if (twin !== undefined) throw invalid(`${twin} stands there twice.`, at);
}
