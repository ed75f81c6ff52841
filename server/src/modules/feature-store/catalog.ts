import { AppError } from "#lib/errors";
import type { FeatureStoreDeps } from "./deps.ts";
import type { FeatureRef, FeatureServiceShape } from "./door.ts";
import * as queries from "./queries.ts";
import type { DefinitionRow, ServiceSpec, ViewSpec } from "./tables.ts";
import { type Feature, featuresOf } from "./window.ts";

const REFRESH_EVERY_MS = 30_000; // News that was lost, and projects that other processes made, are seen by then.

/** A version of a view as reads use it. */
export interface LoadedView {
  id: string;
  name: string;
  version: number;
  newest: boolean;
  spec: ViewSpec;
  features: readonly Feature[];
}

/** Features of one view that are read together. */
export interface ReadPart {
  view: LoadedView;
  /** Indexes into the view's features. */
  features: readonly number[];
}

export interface LoadedService {
  shape: FeatureServiceShape;
  version: number;
  newest: boolean;
  parts: readonly ReadPart[];
}

/** Definitions in memory. Reads ask nothing else; changes of this process are in it before they are answered. */
export interface Catalog {
  start(): Promise<void>;
  stop(): void;
  refresh(projectId: string): Promise<void>;
  service(projectId: string, name: string, version?: number): LoadedService | undefined;
  view(projectId: string, name: string, version?: number): LoadedView | undefined;
  /** Groups features by view. @throws AppError `not_found` */
  parts(projectId: string, features: readonly FeatureRef[]): ReadPart[];
  /** Versions of views in use, newest or named by a service, that take rows pushed by this name. */
  takers(projectId: string, source: string): LoadedView[];
}

interface Loaded {
  views: ReadonlyMap<string, LoadedView>;
  services: ReadonlyMap<string, LoadedService>;
}

export function createCatalog({
  db,
  events,
  projects,
  log,
}: Pick<FeatureStoreDeps, "db" | "events" | "projects" | "log">): Catalog {
  const loaded = new Map<string, Loaded>();
  const loading = new Map<string, Promise<void>>();
  let unfollow = (): void => {};
  let timer: NodeJS.Timeout | undefined;

  return {
    start,
    stop: () => {
      unfollow();
      clearInterval(timer);
    },
    refresh,
    service: (projectId, name, version) => loaded.get(projectId)?.services.get(keyOf(name, version)),
    view: (projectId, name, version) => loaded.get(projectId)?.views.get(keyOf(name, version)),
    parts,
    takers,
  };

  async function start(): Promise<void> {
    unfollow = await events.follow(undefined, ({ kind, projectId }) => {
      if (projectId === null) return;
      if (kind === "project.purged") loaded.delete(projectId);
      else if (kind === "feature.defined" || kind === "feature.deleted" || kind === "project.created")
        void inBackground(refresh(projectId));
    });
    await refreshAll();
    timer = setInterval(() => void inBackground(refreshAll()), REFRESH_EVERY_MS);
    timer.unref();
  }

  async function refreshAll(): Promise<void> {
    for (const { id } of await projects.all()) await refresh(id);
  }

  /** What is in memory stays and goes on answering. */
  async function inBackground(work: Promise<void>): Promise<void> {
    await work.catch((thrown) => log.warn("Feature definitions could not be read anew.", { error: thrown }));
  }

  /** One after another for a project, so that what was read later is what stays. */
  function refresh(projectId: string): Promise<void> {
    const next = (loading.get(projectId) ?? Promise.resolve()).catch(() => {}).then(() => load(projectId));
    loading.set(projectId, next);
    const done = () => {
      if (loading.get(projectId) === next) loading.delete(projectId);
    };
    next.then(done, done);
    return next;
  }

  async function load(projectId: string): Promise<void> {
    const rows = await queries.definitions(db.reader, projectId);
    if (rows.length === 0) {
      loaded.delete(projectId);
      return;
    }
    await projects.keys.keyOf(projectId); // So that no read has to unwrap it.
    const views = new Map(
      rows.filter(({ kind }) => kind === "view").flatMap((row) => named(row, toView(row))),
    );
    const services = new Map(
      rows.filter(({ kind }) => kind === "service").flatMap((row) => named(row, toService(row, views))),
    );
    loaded.set(projectId, { views, services });
  }

  function parts(projectId: string, refs: readonly FeatureRef[]): ReadPart[] {
    const found = new Map<LoadedView, number[]>();
    for (const { view: name, version, feature } of refs) {
      const view = loaded.get(projectId)?.views.get(keyOf(name, version));
      const index = view?.features.findIndex((one) => one.name === feature) ?? -1;
      if (view === undefined) {
        const at = version === undefined ? "" : `@${version}`;
        throw new AppError("not_found", `There is no feature view ${name}${at}.`, { reason: "feature-view" });
      }
      if (index < 0) {
        throw new AppError("not_found", `Feature view ${name} has no feature ${feature}.`, {
          reason: "feature",
        });
      }
      found.set(view, [...(found.get(view) ?? []), index]);
    }
    return [...found].map(([view, features]) => ({ view, features }));
  }

  function takers(projectId: string, source: string): LoadedView[] {
    const all = loaded.get(projectId);
    const used = new Set(
      [...(all?.services.values() ?? [])]
        .filter(({ newest }) => newest)
        .flatMap(({ parts: of }) => of.map(({ view }) => view.id)),
    );
    const views = new Set(all?.views.values());
    return [...views].filter(
      ({ id, name, newest, spec }) =>
        (newest || used.has(id)) && (name === source || spec.pushSource === source),
    );
  }
}

/** By version, and the newest one by its name alone. */
function named<T>({ name, version, state }: DefinitionRow, value: T): [string, T][] {
  const entries: [string, T][] = [[keyOf(name, version), value]];
  if (state === "newest") entries.push([keyOf(name, undefined), value]);
  return entries;
}

function keyOf(name: string, version: number | undefined): string {
  return version === undefined ? name : `${name}@${version}`;
}

export function toView(row: DefinitionRow): LoadedView {
  const spec = JSON.parse(row.spec) as ViewSpec;
  const { id, name, version, state } = row;
  return { id, name, version, newest: state === "newest", spec, features: featuresOf(spec) };
}

function toService(row: DefinitionRow, views: ReadonlyMap<string, LoadedView>): LoadedService {
  const spec = JSON.parse(row.spec) as ServiceSpec;
  const parts = spec.views.flatMap(({ view: name, version, features }) => {
    const view = views.get(keyOf(name, version));
    if (view === undefined) return [];
    const indexes = features.map((feature) => view.features.findIndex((one) => one.name === feature));
    return [{ view, features: indexes.filter((i) => i >= 0) }];
  });
  const { features } = shapeOf(parts);
  const shape = { name: row.name, joinKeys: spec.joinKeys, features };
  return { shape, version: row.version, newest: row.state === "newest", parts };
}

export function shapeOf(parts: readonly ReadPart[]): Omit<FeatureServiceShape, "name"> {
  const joinKeys = new Map(parts.flatMap(({ view }) => view.spec.joinKeys.map((key) => [key.name, key])));
  const features = parts.flatMap(({ view, features: chosen }) =>
    chosen.flatMap((i) => {
      const feature = view.features[i];
      if (feature === undefined) return [];
      return [{ name: feature.name, view: view.name, type: feature.type, default: feature.default }];
    }),
  );
  return { joinKeys: [...joinKeys.values()], features };
}
