import type { JobDetails } from "@atrium/contract/compute";
import type { ReactNode } from "react";
import { CodeBlock, shellQuoted } from "../../lib/code.tsx";
import { CopyableId } from "../../lib/copy.tsx";
import { Dialog } from "../../lib/dialog.tsx";
import { formatBytes, formatDuration, plural } from "../../lib/format.ts";
import { Link } from "../../lib/link.tsx";
import { Facts } from "../../lib/page.tsx";
import { paths } from "../../lib/paths.ts";
import { useUrl } from "../../lib/url.ts";
import { Ago } from "../../lib/words.tsx";
import { ArtifactLook } from "../artifacts/artifacts.tsx";
import { AttemptTimeline } from "./attempt-timeline.tsx";

const MIB = 1024 * 1024;
const PLAIN_WORD = /^[\w@%+=:,./-]+$/;

/** What a job runs, with what, within which limits, and how its attempts went. */
export function JobOverview({ project, job }: { project: string; job: JobDetails }) {
  const [url, setUrl] = useUrl();
  return (
    <div className="grid gap-4 p-4 lg:grid-cols-2 lg:items-start">
      <div className="flex min-w-0 flex-col gap-4">
        <Card title="Command">
          <CodeBlock code={commandLine(job.command)} label="command" />
          {job.source && <Source job={job} />}
        </Card>
        <Card title={plural(job.attempts.length, "attempt")}>
          <AttemptTimeline project={project} job={job} />
        </Card>
        <Card title="Limits">
          <Facts
            items={[
              ["Cores", job.cores],
              ["Memory", formatBytes(job.memoryMiB * MIB)],
              ["Time", formatDuration(job.timeoutMs)],
              ["Files and log", formatBytes(job.outputMiB * MIB)],
              ["Tries again", job.retries === 0 ? "never" : `up to ${plural(job.retries, "time")}`],
            ]}
          />
        </Card>
      </div>
      <div className="flex min-w-0 flex-col gap-4">
        <Card title="Inputs">
          <Files
            none="No files from the project."
            items={job.inputs.map((one) => ({ path: one.artifactPath, note: `to ${one.to}` }))}
          />
        </Card>
        <Card title="Outputs">
          <Files
            none="It keeps no files."
            items={job.outputs.map((one) => ({
              path: one.artifactPath,
              note: `from ${one.from}${one.optional ? ", if made" : ""}`,
            }))}
          />
        </Card>
        <Card title="Environment">
          <EnvironmentFacts project={project} job={job} />
        </Card>
      </div>
      {url.look && (
        <Dialog
          title={url.look}
          wide="wide"
          onClose={() => setUrl({ look: undefined, folder: undefined, file: undefined })}
        >
          <div className="flex max-h-[70vh] min-h-40 flex-col">
            <ArtifactLook project={project} path={url.look} />
          </div>
        </Dialog>
      )}
    </div>
  );
}

function Source({ job: { source } }: { job: JobDetails }) {
  if (!source) return null;
  return (
    <Facts
      items={[
        ["Folder", source.name],
        ...(source.repository ? [["Repository", source.repository] as const] : []),
        ...(source.branch ? [["Branch", source.branch] as const] : []),
        ...(source.commit
          ? [["Commit", <CopyableId key="c" id={source.commit} length={12} />] as const]
          : []),
      ]}
    />
  );
}

function EnvironmentFacts({ project, job }: { project: string; job: JobDetails }) {
  const secrets = Object.entries(job.secrets).map(([variable, name]) => `${variable} = ${name}`);
  const labels = Object.entries(job.labels).map(([name, value]) => `${name} = ${value}`);
  return (
    <Facts
      items={[
        [
          "Packages",
          job.requirements.length > 0 ? <code key="r">{job.requirements.join(", ")}</code> : "none",
        ],
        ...(job.environmentDigest
          ? [
              [
                "Environment",
                <Link
                  key="e"
                  className="link"
                  to={`${paths.compute(project)}?tab=environments&peek=${job.environmentDigest}`}
                >
                  {job.environmentDigest.slice(0, 12)}
                </Link>,
              ] as const,
            ]
          : []),
        ["Variables", job.variables.join(", ") || "none"],
        ["Secrets", secrets.join(", ") || "none"],
        ...(labels.length > 0 ? [["Labels", labels.join(", ")] as const] : []),
        ["Submitted", <Ago key="a" at={job.queuedMs} />],
      ]}
    />
  );
}

function Files({ items, none }: { items: readonly { path: string; note: string }[]; none: string }) {
  const [, setUrl] = useUrl();
  if (items.length === 0) return <p className="text-ink-3">{none}</p>;
  return (
    <ul className="flex flex-col gap-1">
      {items.map((one) => (
        <li key={`${one.path} ${one.note}`} className="flex flex-wrap items-baseline gap-x-3">
          <button
            type="button"
            className="link min-w-0 break-all text-left"
            onClick={() => setUrl({ look: one.path, folder: undefined, file: undefined })}
          >
            <code>{one.path}</code>
          </button>
          <span className="text-ink-3 text-xs">{one.note}</span>
        </li>
      ))}
    </ul>
  );
}

function Card({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="card flex min-w-0 flex-col gap-3 p-3">
      <h2>{title}</h2>
      {children}
    </section>
  );
}

/** The words of a command as somebody would type them. */
function commandLine(words: readonly string[]): string {
  return words.map((word) => (PLAIN_WORD.test(word) ? word : shellQuoted(word))).join(" ");
}
