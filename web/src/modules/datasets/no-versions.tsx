import { CodeBlock } from "../../lib/code.tsx";
import { EmptyState } from "../../lib/states.tsx";
import { uploadCode } from "./same-as-code.ts";

/** How the first version comes. */
export function NoVersions({ project, name }: { project: string; name: string }) {
  return (
    <EmptyState
      title="No versions yet"
      action={
        <div className="w-full text-left">
          <CodeBlock code={uploadCode(project, { dataset: name, file: "data.parquet", format: "parquet" })} />
        </div>
      }
    >
      A Parquet, CSV or JSON file becomes version 1, with its schema, profile and checks:
    </EmptyState>
  );
}
