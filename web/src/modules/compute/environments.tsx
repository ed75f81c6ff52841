import type { Environment } from "@atrium/contract/compute";
import { useMore } from "../../lib/api.ts";
import { CodeBlock } from "../../lib/code.tsx";
import { CopyableId } from "../../lib/copy.tsx";
import { formatTime, plural } from "../../lib/format.ts";
import { Facts } from "../../lib/page.tsx";
import { Peek } from "../../lib/peek.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import type { Column } from "../../lib/table/column.ts";
import { Table } from "../../lib/table/table.tsx";
import { useUrl } from "../../lib/url.ts";
import { Ago } from "../../lib/words.tsx";
import { useEnvironments } from "./compute-api.ts";

const DIGEST_SHOWN = 12;

const COLUMNS: Column<Environment>[] = [
  {
    id: "digest",
    title: "Environment",
    width: 180,
    fixed: "first",
    text: (one) => one.digest,
    cell: (one) => <CopyableId id={one.digest} length={DIGEST_SHOWN} />,
  },
  {
    id: "requirements",
    title: "Asked for",
    width: 360,
    usual: "shown",
    text: (one) => one.requirements.join(", "),
    cell: (one) => <code>{one.requirements.join(", ") || "nothing beyond Python"}</code>,
  },
  {
    id: "packages",
    title: "Packages",
    width: 90,
    usual: "shown",
    align: "end",
    text: (one) => one.packages.length,
    cell: (one) => <span className="nums">{one.packages.length}</span>,
  },
  {
    id: "python",
    title: "Python",
    width: 90,
    usual: "shown",
    text: (one) => one.python,
    cell: (one) => one.python,
  },
  {
    id: "used",
    title: "Last used",
    width: 110,
    usual: "shown",
    text: (one) => formatTime(one.usedMs),
    cell: (one) => <Ago at={one.usedMs} />,
  },
];

/** Python environments that the project's jobs have used, with every package in them. */
export function Environments({ project }: { project: string }) {
  const [url, setUrl] = useUrl();
  const { rows, error, isPending, hasNextPage, fetchNextPage, refetch } = useEnvironments(project);
  const onEndReached = useMore({ hasNextPage, fetchNextPage });
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (isPending) return <Skeleton />;
  const open = rows.find((one) => one.digest === url.peek);
  return (
    <>
      <Table
        name="environments"
        label="Environments"
        rows={rows}
        rowId={(one) => one.digest}
        columns={COLUMNS}
        active={url.peek}
        onActivate={(one) => setUrl({ peek: one.digest })}
        onEndReached={onEndReached}
        empty={
          <EmptyState
            title="No environments yet"
            command="atrium run --requirements requirements.txt -- python train.py"
          >
            A job's packages are resolved once to exact versions; every job that asks for the same shares
            them.
          </EmptyState>
        }
        footer={<span>{plural(rows.length, "environment")}</span>}
      />
      {open && (
        <Peek title={open.digest.slice(0, DIGEST_SHOWN)} onClose={() => setUrl({ peek: undefined })}>
          <EnvironmentPeek environment={open} />
        </Peek>
      )}
    </>
  );
}

function EnvironmentPeek({ environment }: { environment: Environment }) {
  const { digest, python, createdMs, usedMs, packages } = environment;
  return (
    <div className="flex flex-col gap-4 p-4">
      <Facts
        items={[
          ["Digest", <CopyableId key="d" id={digest} length={32} />],
          ["Python", python],
          ["Made", <Ago key="m" at={createdMs} />],
          ["Last used", <Ago key="u" at={usedMs} />],
        ]}
      />
      <section className="flex flex-col gap-1">
        <h2>{plural(packages.length, "package")}</h2>
        {packages.length > 0 && <CodeBlock code={packages.join("\n")} label="packages" />}
      </section>
    </div>
  );
}
