import { AppError } from "#lib/errors";
import type { Actor } from "#modules/identity";
import type { OnlineRow } from "#ports/online-store";
import { type Catalog, type ReadPart, shapeOf } from "./catalog.ts";
import type { FeatureStoreDeps } from "./deps.ts";
import type {
  FeatureColumn,
  FeatureStatus,
  FeatureStore,
  FeatureValue,
  KeyRow,
  OnlineFeatures,
} from "./door.ts";
import type { Gate } from "./gate.ts";
import { entityText } from "./value.ts";

type Online = Pick<FeatureStore, "online" | "readService" | "readFeatures">;

/** Online reads: definitions from memory, values from the online store, the time to live enforced here. */
export function createOnline(deps: FeatureStoreDeps, gate: Gate, catalog: Catalog): Online {
  const { clock, online: store } = deps;
  const online: OnlineFeatures = {
    service: (projectId, name) => catalog.service(projectId, name)?.shape,
    shape: (projectId, features) => shapeOf(catalog.parts(projectId, features)),
    read: (projectId, service, keys) => readNamed({ projectId, name: service }, keys),
  };
  return { online, readService, readFeatures };

  async function readService(
    actor: Actor,
    at: { projectId: string; name: string; version?: number | undefined },
    keys: readonly KeyRow[],
  ): Promise<readonly FeatureColumn[]> {
    await gate.admitReader(actor, at.projectId, { type: "feature-service", id: at.name, name: at.name });
    return readNamed(at, keys);
  }

  async function readFeatures(
    actor: Actor,
    { projectId, features, keys }: Parameters<FeatureStore["readFeatures"]>[1],
  ): Promise<readonly FeatureColumn[]> {
    for (const view of new Set(features.map((feature) => feature.view))) {
      await gate.admitReader(actor, projectId, { type: "feature-view", id: view, name: view });
    }
    return readParts(projectId, catalog.parts(projectId, features), keys);
  }

  async function readNamed(
    at: { projectId: string; name: string; version?: number | undefined },
    keys: readonly KeyRow[],
  ): Promise<readonly FeatureColumn[]> {
    const service = catalog.service(at.projectId, at.name, at.version);
    if (service === undefined) {
      throw new AppError("not_found", `There is no feature service ${at.name}.`, {
        reason: "feature-service",
      });
    }
    return readParts(at.projectId, service.parts, keys);
  }

  async function readParts(
    projectId: string,
    parts: readonly ReadPart[],
    keys: readonly KeyRow[],
  ): Promise<readonly FeatureColumn[]> {
    const texts = parts.map(({ view }) =>
      keys.map((row, i) => entityText(view.spec.joinKeys, row, `keys.${i}`)),
    );
    const nowMs = clock.now();
    const all = await Promise.all(
      parts.map(async (part, i) => {
        const rows = await store.get({ projectId, tableId: part.view.id }, texts[i] ?? []);
        return columnsOf(part, rows, nowMs);
      }),
    );
    return namesApart(all.flat());
  }
}

function columnsOf(
  { view, features }: ReadPart,
  rows: readonly (OnlineRow | undefined)[],
  nowMs: number,
): FeatureColumn[] {
  const { ttlSeconds } = view.spec;
  const oldestMs = ttlSeconds === null ? Number.NEGATIVE_INFINITY : nowMs - ttlSeconds * 1000;
  return features.map((index) => {
    const cells = rows.map((row) => cellOf(row, index, oldestMs));
    return {
      name: view.features[index]?.name ?? "",
      view: view.name,
      values: cells.map(({ value }) => value),
      statuses: cells.map(({ status }) => status),
      eventMs: rows.map((row) => (row === undefined ? null : Math.floor(row.eventMs))),
    };
  });
}

function cellOf(
  row: OnlineRow | undefined,
  index: number,
  oldestMs: number,
): { value: FeatureValue; status: FeatureStatus } {
  if (row === undefined) return { value: null, status: "missing" };
  if (row.eventMs < oldestMs) return { value: null, status: "stale" };
  const value = row.values[index] ?? null;
  return { value, status: value === null ? "null" : "present" };
}

/** A feature's name alone where it is the only one, else with its view's. */
function namesApart(columns: readonly FeatureColumn[]): FeatureColumn[] {
  const counts = new Map<string, number>();
  for (const { name } of columns) counts.set(name, (counts.get(name) ?? 0) + 1);
  return columns.map((column) =>
    counts.get(column.name) === 1 ? column : { ...column, name: `${column.view}:${column.name}` },
  );
}
