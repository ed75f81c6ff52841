import type { ModelVersion, RegisteredModel } from "@atrium/contract/registry";
import type { Vocabulary } from "../../lib/filter/completion.ts";
import { formatTime } from "../../lib/format.ts";
import { Link } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import type { Column } from "../../lib/table/column.ts";
import { Ago, Status } from "../../lib/words.tsx";
import { AliasLabels, AliasMenu } from "./aliases.tsx";
import { newestVersion } from "./registry-api.ts";

/** Columns of the models' table; a tag that any model has can be a column. */
export function modelColumns(
  project: string,
  rows: readonly RegisteredModel[],
): readonly Column<RegisteredModel>[] {
  const tagNames = [...new Set(rows.flatMap((model) => Object.keys(model.tags)))].sort();
  return [
    {
      id: "name",
      title: "Model",
      width: 260,
      fixed: "first",
      text: (model) => model.name,
      cell: (model) => (
        <Link to={paths.model(project, model.name)} className="truncate font-medium hover:underline">
          {model.name}
        </Link>
      ),
    },
    {
      id: "latest",
      title: "Latest",
      width: 90,
      usual: "shown",
      text: (model) => newestVersion(model)?.version,
      cell: (model) => {
        const newest = newestVersion(model);
        return newest ? (
          <Link className="link nums" to={paths.modelVersion(project, model.name, newest.version)}>
            v{newest.version}
          </Link>
        ) : (
          <span className="text-ink-3">none</span>
        );
      },
    },
    {
      id: "aliases",
      title: "Aliases",
      width: 240,
      usual: "shown",
      text: (model) =>
        Object.entries(model.aliases)
          .map(([alias, at]) => `${alias}=${at}`)
          .join(" "),
      cell: (model) => <AliasLabels aliases={Object.keys(model.aliases)} />,
    },
    {
      id: "stages",
      title: "Stages",
      width: 160,
      ...(rows.some((model) => stagesOf(model).length > 0) ? { usual: "shown" as const } : {}),
      text: (model) => stagesOf(model).join(" "),
      cell: (model) => stagesOf(model).join(", "),
    },
    {
      id: "versions",
      title: "Versions",
      width: 80,
      align: "end",
      usual: "shown",
      text: (model) => model.versions,
      cell: (model) => model.versions,
    },
    {
      id: "updated",
      title: "Updated",
      width: 120,
      usual: "shown",
      text: (model) => formatTime(model.updatedMs),
      cell: (model) => <Ago at={model.updatedMs} />,
    },
    {
      id: "description",
      title: "Description",
      width: 240,
      text: (model) => model.description,
      cell: (model) => <span className="text-ink-2">{firstLine(model.description)}</span>,
    },
    ...tagNames.map(
      (name, index): Column<RegisteredModel> => ({
        id: `tags.${name}`,
        title: name,
        group: "Tags",
        width: 130,
        // One or two tags say what a model is for; more would push each other off the screen.
        ...(index < 2 ? { usual: "shown" } : {}),
        text: (model) => model.tags[name],
        cell: (model) => <span title={model.tags[name]}>{model.tags[name]}</span>,
      }),
    ),
  ];
}

/** Columns of one model's versions, with the menu that moves an alias to a version. */
export function versionColumns(project: string, model: RegisteredModel): readonly Column<ModelVersion>[] {
  return [
    {
      id: "version",
      title: "Version",
      width: 100,
      fixed: "first",
      text: (version) => version.version,
      cell: (version) => (
        <Link
          to={paths.modelVersion(project, model.name, version.version)}
          className="nums font-medium hover:underline"
        >
          Version {version.version}
        </Link>
      ),
    },
    {
      id: "aliases",
      title: "Aliases",
      width: 240,
      usual: "shown",
      text: (version) => version.aliases.join(" "),
      cell: (version) => (
        <span className="flex items-center gap-1">
          <AliasLabels aliases={version.aliases} />
          <AliasMenu project={project} model={model} version={version} />
        </span>
      ),
    },
    {
      id: "status",
      title: "Status",
      width: 110,
      usual: "shown",
      text: (version) => version.status,
      cell: (version) => <Status status={version.status} />,
    },
    {
      id: "run",
      title: "From",
      width: 140,
      usual: "shown",
      text: (version) => version.runId ?? version.source,
      cell: (version) =>
        version.runId ? (
          <Link className="link" to={paths.run(project, version.runId)}>
            its run
          </Link>
        ) : (
          <code title={version.source}>{version.source}</code>
        ),
    },
    {
      id: "created",
      title: "Registered",
      width: 120,
      usual: "shown",
      text: (version) => formatTime(version.createdMs),
      cell: (version) => <Ago at={version.createdMs} />,
    },
    {
      id: "by",
      title: "By",
      width: 130,
      usual: "shown",
      text: (version) => version.createdBy,
      cell: (version) => version.createdBy,
    },
    {
      id: "stage",
      title: "Stage",
      width: 110,
      ...(stagesOf(model).length > 0 ? { usual: "shown" as const } : {}),
      text: (version) => version.stage,
      cell: (version) => (version.stage === "None" ? "" : version.stage),
    },
    {
      id: "description",
      title: "Description",
      width: 240,
      text: (version) => version.description,
      cell: (version) => <span className="text-ink-2">{firstLine(version.description)}</span>,
    },
  ];
}

/** What the filter line of the models can suggest. */
export function modelVocabulary(rows: readonly RegisteredModel[]): Vocabulary {
  const tags = new Map<string, Set<string>>();
  for (const model of rows)
    for (const [name, value] of Object.entries(model.tags))
      if (value.length <= 60) tags.set(name, (tags.get(name) ?? new Set()).add(value));
  return {
    fields: [
      { name: "name", kind: "text" },
      ...[...tags].map(([name, values]) => ({
        name: /^[A-Za-z_]\w*$/.test(name) ? `tags.${name}` : `tags."${name}"`,
        kind: "text" as const,
        values: [...values].slice(0, 20),
      })),
    ],
  };
}

function stagesOf(model: RegisteredModel): string[] {
  return [
    ...new Set(model.latestVersions.map((version) => version.stage).filter((stage) => stage !== "None")),
  ];
}

function firstLine(text: string): string {
  return (
    text
      .trimStart()
      .split("\n", 1)[0]
      ?.replace(/^#+\s*/, "") ?? ""
  );
}
