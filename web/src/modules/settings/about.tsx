import type { artifactsApi } from "@atrium/contract/artifacts";
import type { operationsApi } from "@atrium/contract/operations";
import { CircleAlert, CircleCheck } from "lucide-react";
import { type Answer, useApi } from "../../lib/api.ts";
import { CopyableId } from "../../lib/copy.tsx";
import { formatCount, plural } from "../../lib/format.ts";
import { Facts } from "../../lib/page.tsx";
import { useSession } from "../../lib/session.tsx";
import { ErrorState, Skeleton } from "../../lib/states.tsx";
import { Ago, Bytes } from "../../lib/words.tsx";
import { about, scrub, usage } from "./settings-api.ts";

/** What this server is, and whether what it keeps is whole. */
export function About() {
  const { project, projects, can } = useSession();
  const name = projects.find((one) => one.slug === project)?.name ?? project;
  return (
    <div className="flex max-w-2xl flex-col gap-6 p-4">
      <Server />
      {project !== "" && can("artifact:read") && (
        <>
          <Integrity project={project} name={name} />
          <Usage project={project} name={name} />
        </>
      )}
    </div>
  );
}

const DATABASES = { sqlite: "SQLite", postgres: "PostgreSQL" };

function Server() {
  const { data, error, refetch } = useApi(about, {});
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton rows={3} />;
  return (
    <section className="card p-4">
      <h2 className="mb-2">This server</h2>
      <Facts
        items={[
          ["Version", `Atrium ${data.version}`],
          ["Address", <code key="a">{location.origin}</code>],
          ["Database", DATABASES[data.database]],
          ["Roles", data.roles.join(", ")],
          ["Running since", <Ago key="s" at={data.startedMs} />],
          ["Encrypted", encryptedWords(data.encrypted)],
          [
            "API",
            <a key="o" className="link" href="/api/atrium/v1/openapi.json" target="_blank" rel="noreferrer">
              its description (OpenAPI 3.1)
            </a>,
          ],
        ]}
      />
    </section>
  );
}

function encryptedWords(encrypted: Answer<(typeof operationsApi)["about"]>["encrypted"]): string {
  const parts = [
    encrypted.database ? "database" : undefined,
    encrypted.files ? "files" : undefined,
    encrypted.listener ? "connections" : undefined,
  ].filter((part) => part !== undefined);
  const open = encrypted.listener ? "" : "; connections are not, as the server listens on this machine only";
  return (parts.join(" and ") || "nothing") + open;
}

/** How far the background check of stored files has come, and what it found. */
function Integrity({ project, name }: { project: string; name: string }) {
  const { data, error, refetch } = useApi(scrub, { project });
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton rows={3} />;
  return (
    <section className="card p-4">
      <h2 className="mb-2">Integrity of the files in {name}</h2>
      <p className="flex items-center gap-2">
        {data.damaged.length === 0 ? (
          <>
            <CircleCheck size={16} className="shrink-0 text-good" aria-hidden />
            {whole(data)}
          </>
        ) : (
          <>
            <CircleAlert size={16} className="shrink-0 text-bad" aria-hidden />
            <span className="text-bad">
              {plural(data.damaged.length, "content")} of {formatCount(data.contents)} no longer read back as
              they were written.
            </span>
          </>
        )}
      </p>
      {data.oldestVerifiedMs !== undefined && (
        <p className="mt-1 text-ink-3 text-xs">
          Each was read through since <Ago at={data.oldestVerifiedMs} />.
        </p>
      )}
      <ul className="mt-2">
        {data.damaged.map((one) => (
          <li key={one.digest} className="flex items-center gap-3 py-1">
            <CopyableId id={one.digest} length={16} /> <Bytes value={one.sizeBytes} />
            <span className="text-ink-3">
              found <Ago at={one.damagedMs} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function whole(data: Answer<(typeof artifactsApi)["scrub"]>): string {
  if (data.contents === 0) return "Nothing is stored yet.";
  if (data.verified === data.contents)
    return `${plural(data.contents, "content")} read back, all as they were written.`;
  return `${formatCount(data.verified)} of ${plural(data.contents, "content")} read back so far, all as they were written.`;
}

function Usage({ project, name }: { project: string; name: string }) {
  const { data, error, refetch } = useApi(usage, { project });
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton rows={3} />;
  return (
    <section className="card min-w-0 p-4">
      <h2 className="mb-2">What {name} keeps</h2>
      <Facts
        items={[
          ["Files", formatCount(data.files)],
          ["Their sizes", <Bytes key="f" value={data.fileBytes} />],
          [
            "On disk",
            <span key="s">
              <Bytes value={data.storedBytes} />
              <span className="text-ink-3">, as equal content is kept once</span>
            </span>,
          ],
        ]}
      />
      {data.largest.length > 0 && (
        <>
          <h3 className="mt-4 mb-1 text-ink-3 text-xs">Largest</h3>
          <ul>
            {data.largest.map((file) => (
              <li key={file.path} className="flex items-baseline gap-3 py-0.5">
                <code className="min-w-0 flex-1 truncate" title={file.path}>
                  {file.path}
                </code>
                <Bytes value={file.sizeBytes} />
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
