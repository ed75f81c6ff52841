import { useState } from "react";
import { CodeBlock } from "../../lib/code.tsx";
import { Dialog } from "../../lib/dialog.tsx";
import { Field, FormError, TextField, useSubmit } from "../../lib/form.tsx";
import { useFresh } from "../../lib/fresh.ts";
import { useGo } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import { createPipeline, PIPELINE_READS } from "./pipelines-api.ts";

/** Takes a compiled spec from a file: a new pipeline, or a version of one. */
export function UploadDialog({
  project,
  pipeline,
  onClose,
}: {
  project: string;
  /** Its name, when a version is to be added to it. */
  pipeline?: string;
  onClose: () => void;
}) {
  const go = useGo();
  const fresh = useFresh(PIPELINE_READS);
  const [file, setFile] = useState<File | undefined>();
  const [name, setName] = useState(pipeline ?? "");
  const [version, setVersion] = useState("");
  const [missing, setMissing] = useState<string | undefined>();
  const submit = useSubmit(async () => {
    if (!file) return setMissing("Choose the file that the kfp compiler wrote.");
    const spec = await file.text();
    const body = {
      spec,
      ...(name.trim() ? { name: name.trim() } : {}),
      ...(version.trim() ? { version: version.trim() } : {}),
    };
    await fresh(async () => {
      const made = await createPipeline({ project, body });
      onClose();
      go(paths.pipeline(project, made.pipeline.id));
    });
  });
  return (
    <Dialog title={pipeline ? `Upload a version of ${pipeline}` : "Upload a pipeline"} onClose={onClose}>
      <form onSubmit={submit.onSubmit} className="flex flex-col gap-3">
        <Field
          label="Compiled pipeline"
          help="YAML or JSON, at most 4 MiB"
          error={missing ?? submit.errorAt("spec")}
        >
          {(attributes) => (
            <input
              type="file"
              className="field py-1"
              accept=".yaml,.yml,.json"
              onChange={(event) => {
                setFile(event.target.files?.[0]);
                setMissing(undefined);
              }}
              {...attributes}
            />
          )}
        </Field>
        <div className="text-ink-3 text-xs">
          <CodeBlock code={'compiler.Compiler().compile(my_pipeline, "my-pipeline.yaml")'} />
        </div>
        {!pipeline && (
          <TextField
            label="Name"
            help="The name in the file, when left empty."
            value={name}
            maxLength={128}
            error={submit.errorAt("name")}
            onChange={(event) => setName(event.target.value)}
          />
        )}
        <TextField
          label="Version"
          help="A name for this version; made from the file, when left empty."
          value={version}
          maxLength={128}
          error={submit.errorAt("version")}
          onChange={(event) => setVersion(event.target.value)}
        />
        <FormError error={submit.error} />
        <button type="submit" className="button button-primary self-end" disabled={submit.busy}>
          Upload
        </button>
      </form>
    </Dialog>
  );
}
