import type { Dataset, DatasetVersion } from "@atrium/contract/datasets";
import { Link } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import type { Column } from "../../lib/table/column.ts";
import { descriptionColumn, rowsColumn, sizeColumn, timeColumn } from "../../lib/table/usual-columns.tsx";
import { Certified, ChecksSummary, VersionState } from "./badges.tsx";

/** Columns of the datasets' table. */
export function datasetColumns(project: string): readonly Column<Dataset>[] {
  return [
    {
      id: "name",
      title: "Dataset",
      width: 240,
      fixed: "first",
      text: ({ name }) => name,
      cell: ({ name }) => (
        <Link to={paths.dataset(project, name)} className="font-medium hover:underline">
          {name}
        </Link>
      ),
    },
    rowsColumn(({ latest }) => latest?.rowCount),
    {
      id: "checks",
      title: "Checks",
      width: 250,
      usual: "shown",
      text: ({ latest }) =>
        latest?.checks ? `${latest.checks.passed} passed, ${latest.checks.failed} failed` : "",
      cell: ({ latest }) =>
        latest && latest.state !== "ready" ? (
          <VersionState version={latest} />
        ) : (
          <ChecksSummary checks={latest?.checks} where="table" />
        ),
    },
    {
      id: "latest",
      title: "Newest",
      width: 80,
      usual: "shown",
      text: ({ latest }) => latest?.version,
      cell: ({ name, latest }) =>
        latest ? (
          <Link className="link nums" to={paths.datasetVersion(project, name, latest.version)}>
            v{latest.version}
          </Link>
        ) : (
          <span className="text-ink-3">none</span>
        ),
    },
    {
      id: "certified",
      title: "Certified",
      width: 130,
      usual: "shown",
      text: ({ certifiedVersion }) => certifiedVersion,
      cell: ({ name, certifiedVersion }) =>
        certifiedVersion !== undefined && (
          <Link to={paths.datasetVersion(project, name, certifiedVersion)}>
            <Certified words={`v${certifiedVersion} certified`} />
          </Link>
        ),
    },
    {
      id: "owner",
      title: "Owner",
      width: 150,
      usual: "shown",
      text: ({ owner }) => owner,
      cell: ({ owner }) => owner,
    },
    timeColumn("updated", "Updated", ({ updatedMs }) => updatedMs),
  ];
}

/** Columns of one dataset's versions. */
export function versionColumns(project: string): readonly Column<DatasetVersion>[] {
  return [
    {
      id: "version",
      title: "Version",
      width: 110,
      fixed: "first",
      text: ({ version }) => version,
      cell: ({ dataset, version }) => (
        <Link
          to={paths.datasetVersion(project, dataset, version)}
          className="nums font-medium hover:underline"
        >
          Version {version}
        </Link>
      ),
    },
    {
      id: "checks",
      title: "Checks",
      width: 250,
      usual: "shown",
      text: ({ checks }) => (checks ? `${checks.passed} passed, ${checks.failed} failed` : ""),
      cell: (version) =>
        version.state === "ready" ? (
          <ChecksSummary checks={version.checks} where="table" />
        ) : (
          <VersionState version={version} />
        ),
    },
    {
      id: "certified",
      title: "Certified",
      width: 110,
      usual: "shown",
      text: ({ certification }) => certification?.by,
      cell: ({ certification }) => certification && <Certified />,
    },
    rowsColumn(({ rowCount }) => rowCount),
    sizeColumn(({ sizeBytes }) => sizeBytes),
    {
      id: "source",
      title: "Made of",
      width: 160,
      usual: "shown",
      text: ({ source }) => source.kind,
      cell: ({ source }) => madeOf(source),
    },
    descriptionColumn(),
    timeColumn("created", "Created", ({ createdMs }) => createdMs),
  ];
}

/** In a few words, what a version was made of. */
export function madeOf(source: DatasetVersion["source"]): string {
  if (source.kind === "upload") return "an upload";
  if (source.kind === "artifacts") return "stored files";
  const inputs = Object.values(source.inputs).map(({ dataset, version }) => `${dataset} v${version}`);
  return `SQL over ${inputs.join(", ")}`;
}
