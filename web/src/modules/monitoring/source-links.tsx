import type { Monitor } from "@atrium/contract/monitoring";
import { Link } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import { windowWords } from "./window-words.ts";

/** What a monitor watches, as a link to it. */
export function SourceLink({ project, source }: { project: string; source: Monitor["source"] }) {
  return source.kind === "endpoint" ? (
    <span className="whitespace-nowrap">
      <span className="text-ink-3">endpoint</span>{" "}
      <Link className="link underline" to={paths.endpoint(project, source.endpoint)}>
        {source.endpoint}
      </Link>
    </span>
  ) : (
    <span className="whitespace-nowrap">
      <span className="text-ink-3">dataset</span>{" "}
      <Link className="link underline" to={paths.dataset(project, source.dataset)}>
        {source.dataset}
      </Link>
    </span>
  );
}

/** What its windows are compared with, as a link to it where it is a thing of its own. */
export function ReferenceLink({ project, reference }: { project: string; reference: Monitor["reference"] }) {
  if (reference.kind === "window")
    return (
      <span className="whitespace-nowrap">
        its own {windowWords({ startMs: reference.fromMs, endMs: reference.toMs })}
      </span>
    );
  const isDataset = reference.kind === "dataset";
  const name = isDataset ? reference.dataset : reference.trainingSet;
  const version = (isDataset ? reference.version : reference.number) ?? 1;
  const to = isDataset
    ? paths.datasetVersion(project, name, version)
    : paths.trainingSet(project, name, version);
  return (
    <span className="whitespace-nowrap">
      <span className="text-ink-3">{isDataset ? "dataset" : "training set"}</span>{" "}
      <Link className="link underline" to={to}>
        {name} {isDataset ? `v${version}` : `#${version}`}
      </Link>
    </span>
  );
}

export function sourceWords({ source }: Monitor): string {
  return source.kind === "endpoint" ? `endpoint ${source.endpoint}` : `dataset ${source.dataset}`;
}
