import type { DatasetVersion } from "@atrium/contract/datasets";
import { CodeBlock } from "../../lib/code.tsx";
import { CopyableId } from "../../lib/copy.tsx";
import { Description } from "../../lib/description.tsx";
import { plural } from "../../lib/format.ts";
import { Link } from "../../lib/link.tsx";
import { Facts } from "../../lib/page.tsx";
import { paths } from "../../lib/paths.ts";
import { Ago, Bytes } from "../../lib/words.tsx";
import { CertificationCard } from "./certification.tsx";
import { madeOf } from "./dataset-columns.tsx";

/** What is known of a version beside its contents: why it was made, of what, and who vouches for it. */
export function VersionFacts({ project, version }: { project: string; version: DatasetVersion }) {
  const { source } = version;
  return (
    <div className="grid gap-4 p-4 lg:grid-cols-2 lg:items-start">
      <div className="flex min-w-0 flex-col gap-4">
        <Description text={version.description} />
        <CertificationCard project={project} version={version} />
      </div>
      <section className="card flex min-w-0 flex-col gap-3 p-3">
        <h2>Where it came from</h2>
        <Facts
          items={[
            ["Made of", madeOf(source)],
            ["By", version.createdBy],
            ["Made", <Ago key="made" at={version.createdMs} />],
            ["Ready", <Ago key="ready" at={version.readyMs} />],
            ["Format", version.format],
            ["Files", plural(version.files, "file")],
            ["Size", <Bytes key="size" value={version.sizeBytes} />],
            ...(version.digest
              ? [["SHA-256", <CopyableId key="digest" id={version.digest} length={16} />] as const]
              : []),
          ]}
        />
        {source.kind === "artifacts" && <CodeBlock code={source.paths.join("\n")} label="paths" />}
        {source.kind === "sql" && (
          <>
            <ul className="flex flex-col gap-1">
              {Object.entries(source.inputs).map(([table, input]) => (
                <li key={table}>
                  <code>{table}</code> is{" "}
                  <Link className="link" to={paths.datasetVersion(project, input.dataset, input.version)}>
                    {input.dataset} v{input.version}
                  </Link>
                </li>
              ))}
            </ul>
            <CodeBlock code={source.sql} label="statement" />
          </>
        )}
      </section>
    </div>
  );
}
