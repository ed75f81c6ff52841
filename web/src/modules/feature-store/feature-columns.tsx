import type { Entity, Service, TrainingSet, View } from "@atrium/contract/feature-store";
import { Link } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import type { Column } from "../../lib/table/column.ts";
import { descriptionColumn, rowsColumn, sizeColumn, timeColumn } from "../../lib/table/usual-columns.tsx";
import { Status } from "../../lib/words.tsx";
import { Freshness } from "./freshness.tsx";

export function viewColumns(project: string): readonly Column<View>[] {
  return [
    {
      id: "name",
      title: "View",
      width: 220,
      fixed: "first",
      text: ({ name }) => name,
      cell: ({ name, version }) => (
        <>
          <Link to={paths.featureView(project, name)} className="font-medium hover:underline">
            {name}
          </Link>{" "}
          <span className="nums text-ink-3">v{version}</span>
        </>
      ),
    },
    {
      id: "freshness",
      title: "Online values",
      width: 280,
      usual: "shown",
      text: ({ freshness }) => freshness.materializedToMs ?? freshness.newestEventMs,
      cell: (view) => <Freshness view={view} />,
    },
    {
      id: "features",
      title: "Features",
      width: 80,
      align: "end",
      usual: "shown",
      text: ({ allFeatures }) => allFeatures.length,
      cell: ({ allFeatures }) => allFeatures.length,
    },
    {
      id: "entities",
      title: "Entities",
      width: 160,
      usual: "shown",
      text: ({ entities }) => entities.join(" "),
      cell: ({ entities }) => entities.join(", "),
    },
    {
      id: "dataset",
      title: "Made of",
      width: 170,
      usual: "shown",
      text: ({ source }) => source.dataset,
      cell: ({ source }) => (
        <Link className="link" to={paths.dataset(project, source.dataset)}>
          {source.dataset}
          {source.version === undefined ? "" : ` v${source.version}`}
        </Link>
      ),
    },
    descriptionColumn(),
  ];
}

export function serviceColumns(project: string): readonly Column<Service>[] {
  return [
    {
      id: "name",
      title: "Service",
      width: 220,
      fixed: "first",
      text: ({ name }) => name,
      cell: ({ name, version }) => (
        <>
          <Link to={paths.featureService(project, name)} className="font-medium hover:underline">
            {name}
          </Link>{" "}
          <span className="nums text-ink-3">v{version}</span>
        </>
      ),
    },
    {
      id: "views",
      title: "Views",
      width: 320,
      usual: "shown",
      text: ({ views }) => views.map(({ view, version }) => `${view} v${version}`).join(", "),
      cell: ({ views }) => views.map(({ view, version }) => `${view} v${version}`).join(", "),
    },
    {
      id: "features",
      title: "Features",
      width: 80,
      align: "end",
      usual: "shown",
      text: ({ views }) => countOf(views),
      cell: ({ views }) => countOf(views),
    },
    {
      id: "keys",
      title: "Asked by",
      width: 200,
      usual: "shown",
      text: ({ joinKeys }) => joinKeys.map(({ name }) => name).join(" "),
      cell: ({ joinKeys }) => <code>{joinKeys.map(({ name }) => name).join(", ")}</code>,
    },
    timeColumn("created", "Defined", ({ createdMs }) => createdMs),
  ];
}

function countOf(views: Service["views"]): number {
  return views.reduce((sum, { features }) => sum + features.length, 0);
}

export const ENTITY_COLUMNS: readonly Column<Entity>[] = [
  {
    id: "name",
    title: "Entity",
    width: 220,
    fixed: "first",
    text: ({ name }) => name,
    cell: ({ name, version }) => (
      <>
        <span className="font-medium">{name}</span> <span className="nums text-ink-3">v{version}</span>
      </>
    ),
  },
  {
    id: "keys",
    title: "Join keys",
    width: 320,
    usual: "shown",
    text: ({ joinKeys }) => joinKeys.map(({ name, type }) => `${name}: ${type}`).join(", "),
    cell: ({ joinKeys }) => <code>{joinKeys.map(({ name, type }) => `${name}: ${type}`).join(", ")}</code>,
  },
  descriptionColumn(320),
  timeColumn("created", "Defined", ({ createdMs }) => createdMs),
];

export function trainingSetColumns(project: string): readonly Column<TrainingSet>[] {
  return [
    {
      id: "name",
      title: "Training set",
      width: 240,
      fixed: "first",
      text: ({ name, number }) => `${name} ${number}`,
      cell: ({ name, number }) => (
        <Link to={paths.trainingSet(project, name, number)} className="nums font-medium hover:underline">
          {name} {number}
        </Link>
      ),
    },
    {
      id: "state",
      title: "State",
      width: 120,
      usual: "shown",
      text: ({ state }) => state,
      cell: ({ state }) => <Status status={state} />,
    },
    rowsColumn(({ rows }) => rows),
    {
      id: "columns",
      title: "Columns",
      width: 90,
      align: "end",
      usual: "shown",
      text: ({ columns }) => columns.length,
      cell: ({ columns }) => (columns.length > 0 ? columns.length : "–"),
    },
    {
      id: "service",
      title: "Service",
      width: 200,
      usual: "shown",
      text: ({ asked, serviceVersion }) => `${asked.service} v${serviceVersion}`,
      cell: ({ asked, serviceVersion }) => (
        <Link className="link" to={paths.featureService(project, asked.service, serviceVersion)}>
          {asked.service} v{serviceVersion}
        </Link>
      ),
    },
    sizeColumn(({ sizeBytes }) => sizeBytes),
    timeColumn("created", "Asked", ({ createdMs }) => createdMs),
  ];
}
