import type { Entity, NewEntity, NewService, NewView, Service, View } from "@atrium/contract/feature-store";
import { AppError } from "#lib/errors";
import { newId } from "#lib/ids";
import { keysetPage, type Page } from "#lib/paging";
import type { Actor } from "#modules/identity";
import { isUniqueViolation, type Tx } from "#ports/database";
import type { Catalog } from "./catalog.ts";
import { checkEntity, checkService, checkView, invalid } from "./definition.ts";
import type { FeatureStoreDeps } from "./deps.ts";
import type { DefinitionAt, Definitions, PageAsked } from "./door.ts";
import type { Gate, Thing } from "./gate.ts";
import * as queries from "./queries.ts";
import { showEntity, showService, showView } from "./show.ts";
import type { DefinitionRow, EntitySpec, Kind, ServiceSpec, ViewSpec } from "./tables.ts";

const THING: Record<Kind, Thing["type"]> = {
  entity: "entity",
  view: "feature-view",
  service: "feature-service",
};
const WORD: Record<Kind, string> = { entity: "entity", view: "feature view", service: "feature service" };

interface All {
  entities: Definitions<NewEntity, Entity>;
  views: Definitions<NewView, View>;
  services: Definitions<NewService, Service>;
}

/** Entities, views and services, each a line of versions that never change. */
export function createDefinitions(deps: FeatureStoreDeps, gate: Gate, catalog: Catalog): All {
  const { db, clock, lineage, datasets, online } = deps;

  const entities: All["entities"] = {
    ...common("entity", async (_tx, rows) => rows.map(showEntity)),
    save: async (actor, projectId, given) => {
      await gate.admitWriter(actor, projectId);
      const row = await store(actor, { projectId, kind: "entity", spec: checkEntity(given) });
      return showEntity(row);
    },
    delete: (actor, at) =>
      remove(actor, "entity", at, (all) =>
        all.find(({ kind, spec }) => kind === "view" && (spec as ViewSpec).entities.includes(at.name)),
      ),
  };

  const views: All["views"] = {
    ...common("view", (tx, rows) => showViews(tx, rows)),
    save: async (actor, projectId, given) => {
      await gate.admitWriter(actor, projectId);
      const named = await Promise.all(
        given.entities.map((name) => mustHave<EntitySpec>(projectId, "entity", { name, at: "entities" })),
      );
      const { dataset, version } = given.source;
      const found = await datasets.table(actor, { projectId, name: dataset, version });
      const spec = checkView(
        given,
        named.map((one) => one.spec),
        found.columns,
      );
      const row = await store(actor, { projectId, kind: "view", spec }, (tx, made) =>
        lineage.link(tx, {
          projectId,
          from: thingAt(made),
          relation: "derived",
          to: { type: "dataset", id: dataset, version: String(found.version) },
        }),
      );
      return one(await showViews(db.reader, [row]));
    },
    delete: async (actor, at) => {
      const ids = await queries.viewIds(db.reader, { project_id: at.projectId, name: at.name });
      await remove(actor, "view", at, (all) =>
        all.find(
          ({ kind, spec }) =>
            kind === "service" && (spec as ServiceSpec).views.some(({ view }) => view === at.name),
        ),
      );
      // Nobody reads them any more; what a crash leaves here goes with the project.
      for (const tableId of ids) await online.drop({ projectId: at.projectId, tableId });
    },
  };

  const services: All["services"] = {
    ...common("service", async (_tx, rows) => rows.map(showService)),
    save: async (actor, projectId, given) => {
      await gate.admitWriter(actor, projectId);
      const chosen = await Promise.all(
        given.views.map(({ view, version }, i) =>
          mustHave<ViewSpec>(projectId, "view", { name: view, version, at: `views.${i}.view` }),
        ),
      );
      const row = await store(
        actor,
        { projectId, kind: "service", spec: checkService(given, chosen) },
        async (tx, made) => {
          for (const { name, version } of chosen) {
            const to = { type: "feature-view", id: name, version: String(version) };
            await lineage.link(tx, { projectId, from: thingAt(made), relation: "derived", to });
          }
        },
      );
      return showService(row);
    },
    delete: (actor, at) => remove(actor, "service", at, () => undefined),
  };

  return { entities, views, services };

  function common<Shown>(
    kind: Kind,
    show: (tx: Tx, rows: readonly DefinitionRow[]) => Promise<Shown[]>,
  ): Pick<Definitions<never, Shown>, "get" | "list"> {
    return {
      get: async (actor, at) => {
        const named = { project_id: at.projectId, kind, name: at.name };
        await gate.admitReader(actor, at.projectId, { type: THING[kind], id: at.name, name: at.name });
        const row = await queries.definition(db.reader, named, at.version);
        if (row === undefined) throw missing(kind, at);
        return one(await show(db.reader, [row]));
      },
      list: async (actor, projectId, asked): Promise<Page<Shown>> => {
        await gate.admitReader(actor, projectId, { type: "project", id: projectId, name: "" });
        return pageOf({ projectId, kind }, asked, (rows) => show(db.reader, rows));
      },
    };
  }

  function pageOf<Shown>(
    { projectId, kind }: { projectId: string; kind: Kind },
    asked: PageAsked,
    show: (rows: readonly DefinitionRow[]) => Promise<Shown[]>,
  ): Promise<Page<Shown>> {
    return keysetPage({
      pageSize: asked.pageSize,
      pageToken: asked.pageToken,
      question: ["features", projectId, kind],
      kinds: ["text"],
      rows: (after, limit) =>
        queries.newestPage(
          db.reader,
          { project_id: projectId, kind },
          { after: after === undefined ? undefined : String(after[0]), limit },
        ),
      show,
      position: ({ name }) => [name],
    });
  }

  async function showViews(tx: Tx, rows: readonly DefinitionRow[]): Promise<View[]> {
    const fresh = await queries.freshnessOf(
      tx,
      rows.map(({ id }) => id),
    );
    return rows.map((row) =>
      showView(
        row,
        fresh.find(({ view_id }) => view_id === row.id),
      ),
    );
  }

  async function mustHave<Spec>(
    projectId: string,
    kind: Kind,
    wanted: { name: string; version?: number | undefined; at: string },
  ): Promise<{ name: string; version: number; spec: Spec }> {
    const row = await queries.definition(
      db.reader,
      { project_id: projectId, kind, name: wanted.name },
      wanted.version,
    );
    if (row === undefined) throw invalid(missing(kind, wanted).message, wanted.at);
    return { name: row.name, version: row.version, spec: JSON.parse(row.spec) as Spec };
  }

  /** The next version, unless the newest one says the same. */
  async function store(
    actor: Actor,
    given: { projectId: string; kind: Kind; spec: EntitySpec | ViewSpec | ServiceSpec },
    link?: (tx: Tx, made: DefinitionRow) => Promise<void>,
  ): Promise<DefinitionRow> {
    const { projectId, kind, spec } = given;
    const named = { project_id: projectId, kind, name: spec.name };
    const text = JSON.stringify(spec);
    const work = () =>
      db.transaction(async (tx) => {
        await tx.serialize(`features ${projectId}`);
        const newest = await queries.definition(tx, named, undefined);
        if (newest?.spec === text) return newest;
        if ((await queries.countDefinitions(tx, projectId)) >= queries.DEFINITIONS_MAX) {
          const message = `A project has at most ${queries.DEFINITIONS_MAX} versions of features; delete some.`;
          throw new AppError("exhausted", message);
        }
        const row: DefinitionRow = {
          ...named,
          id: newId(),
          version: (await queries.lastVersion(tx, named)) + 1,
          state: "newest",
          spec: text,
          created_by: actor.name,
          created_ms: clock.now(),
        };
        await queries.addDefinition(tx, row);
        await link?.(tx, row);
        const thing = { type: THING[kind], id: row.name, name: `${row.name}@${row.version}` };
        await gate.tell(tx, actor, {
          action: "feature.defined",
          projectId,
          thing,
          details: { version: row.version },
        });
        return row;
      });
    const row = await again(work);
    await catalog.refresh(projectId);
    return row;
  }

  /** Two that save at once want the same number; the second one gets the next. */
  async function again<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      if (!isUniqueViolation(thrown)) throw thrown;
      return work();
    }
  }

  async function remove(
    actor: Actor,
    kind: Kind,
    { projectId, name }: Omit<DefinitionAt, "version">,
    user: (
      all: readonly { kind: Kind; name: string; spec: unknown }[],
    ) => { kind: Kind; name: string } | undefined,
  ): Promise<void> {
    await gate.admitWriter(actor, projectId);
    const named = { project_id: projectId, kind, name };
    await db.transaction(async (tx) => {
      await tx.serialize(`features ${projectId}`);
      const newest = await queries.definition(tx, named, undefined);
      if (newest === undefined) throw missing(kind, { name });
      const rows = await queries.definitions(tx, projectId);
      const uses = user(rows.map((row) => ({ ...row, spec: JSON.parse(row.spec) as unknown })));
      if (uses !== undefined) {
        const message = `The ${WORD[kind]} ${name} is used by the ${WORD[uses.kind]} ${uses.name}; delete that first.`;
        throw new AppError("conflict", message);
      }
      await queries.deleteDefinition(tx, named);
      const thing = { type: THING[kind], id: name, name };
      await gate.tell(tx, actor, { action: "feature.deleted", projectId, thing });
    });
    await catalog.refresh(projectId);
  }
}

function thingAt({ kind, name, version }: DefinitionRow) {
  return { type: THING[kind], id: name, version: String(version) };
}

function missing(kind: Kind, { name, version }: { name: string; version?: number | undefined }): AppError {
  const at = version === undefined ? "" : `@${version}`;
  return new AppError("not_found", `There is no ${WORD[kind]} ${name}${at}.`, { reason: THING[kind] });
}

function one<T>(items: readonly T[]): T {
  const [first] = items;
  if (first === undefined) throw new Error("A row was shown as nothing.");
  return first;
}
