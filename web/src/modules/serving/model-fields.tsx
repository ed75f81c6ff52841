import { SelectField } from "../../lib/form.tsx";
import { useModels, useVersions } from "../registry/registry-api.ts";

interface Chosen {
  model: string;
  /** A number, or `@` and an alias; empty until it is chosen. */
  version: string;
}

/** Which model, and which of its versions: by its alias as it stands now, or by number. */
export function ModelFields({
  project,
  chosen,
  error,
  onChosen,
}: {
  project: string;
  chosen: Chosen;
  error: string | undefined;
  onChosen: (chosen: Chosen) => void;
}) {
  const { rows: models, isPending } = useModels(project, "");
  const names = models.map(({ name }) => name);
  const offered = chosen.model === "" || names.includes(chosen.model) ? names : [chosen.model, ...names];
  return (
    <>
      <SelectField
        label="Model"
        help={error ?? (!isPending && models.length === 0 ? "No model is registered yet." : undefined)}
        required
        value={chosen.model}
        options={[
          { value: "", title: "Choose one" },
          ...offered.map((name) => ({ value: name, title: name })),
        ]}
        onChange={(event) => onChosen({ model: event.target.value, version: "" })}
      />
      {chosen.model !== "" && (
        <VersionField
          project={project}
          chosen={chosen}
          aliases={models.find(({ name }) => name === chosen.model)?.aliases ?? {}}
          onVersion={(version) => onChosen({ ...chosen, version })}
        />
      )}
    </>
  );
}

function VersionField({
  project,
  chosen,
  aliases,
  onVersion,
}: {
  project: string;
  chosen: Chosen;
  aliases: Readonly<Record<string, number>>;
  onVersion: (version: string) => void;
}) {
  const { rows } = useVersions(project, chosen.model);
  const versions = rows.map(({ version }) => String(version));
  const extra = /^\d+$/.test(chosen.version) && !versions.includes(chosen.version) ? [chosen.version] : [];
  return (
    <SelectField
      label="Version"
      help="An alias is resolved now; when it moves, deploy again."
      required
      value={chosen.version}
      options={[
        { value: "", title: "Choose one" },
        ...Object.entries(aliases).map(([alias, at]) => ({
          value: `@${alias}`,
          title: `@${alias} (now v${at})`,
        })),
        ...[...extra, ...versions].map((version) => ({ value: version, title: `v${version}` })),
      ]}
      onChange={(event) => onVersion(event.target.value)}
    />
  );
}
