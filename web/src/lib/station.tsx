import type { LucideIcon } from "lucide-react";
import { LoaderCircle, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { formatCount } from "./format.ts";
import { Link } from "./link.tsx";
import { Ago } from "./words.tsx";

interface Stop {
  title: string;
  icon: LucideIcon;
  to: string;
  /** The one thing to do while there is nothing. */
  empty: ReactNode;
}

/** Something to look at, and where to see it. */
interface Pointer {
  words: string;
  to: string;
}

/** One stop of a project's flow: how many, how fresh, how well, and what changed last. Trouble glows and is one click away. */
export function Station({
  title,
  icon: Icon,
  to,
  count,
  newest,
  running,
  trouble,
  empty,
}: Stop & {
  count: number | undefined;
  newest?: ReactNode;
  running?: Pointer | undefined;
  trouble?: Pointer | undefined;
}) {
  return (
    <section
      aria-label={title}
      className={`card flex h-full min-w-0 flex-1 flex-col gap-1 p-3 ${trouble ? "border-bad" : ""}`}
    >
      <Link to={to} className="flex items-center gap-2 text-ink-2 hover:text-ink">
        <Icon size={16} aria-hidden /> <span className="font-medium">{title}</span>
      </Link>
      <p className="nums font-semibold text-lg">
        {count === undefined ? <span className="skeleton inline-block h-5 w-10" /> : formatCount(count)}
      </p>
      <div className="min-h-5 truncate text-ink-2 text-xs">{count === 0 ? empty : newest}</div>
      {running && (
        <Link to={running.to} className="flex items-center gap-1.5 text-running text-xs hover:underline">
          <LoaderCircle size={14} className="breathe shrink-0" aria-hidden /> {running.words}
        </Link>
      )}
      {trouble && (
        <Link
          to={trouble.to}
          className="flex min-w-0 items-center gap-1.5 rounded bg-bad-soft px-2 py-1 text-bad text-xs"
        >
          <TriangleAlert size={14} className="shrink-0" aria-hidden />
          <span className="min-w-0 break-words">{trouble.words}</span>
        </Link>
      )}
    </section>
  );
}

/** What a row of a room's list says at its stop. */
interface Thing {
  name: string;
  changedMs: number;
  to: string;
  state: "well" | "troubled";
}

/**
 * The stop of a room that is one list: how many, which changed last, and which are in trouble. A single one in trouble is
 * named and led to; of several their number, and the list.
 */
export function ListStation<Row>({
  list,
  read,
  trouble,
  count,
  ...stop
}: Stop & {
  list: { rows: readonly Row[]; isPending: boolean };
  read: (row: Row) => Thing;
  /** What is said of one, behind its name, and of several, behind their number. */
  trouble?: { one: string; many: string };
  /** How many there are, where more than the first page is known. */
  count?: number | undefined;
}) {
  const things = list.rows.map(read);
  const newest = things.reduce<Thing | undefined>(
    (found, one) => (found && found.changedMs >= one.changedMs ? found : one),
    undefined,
  );
  const troubled = things.filter(({ state }) => state === "troubled");
  const [first] = troubled;
  return (
    <Station
      {...stop}
      count={list.isPending ? undefined : Math.max(count ?? 0, things.length)}
      newest={newest && <Newest name={newest.name} at={newest.changedMs} />}
      trouble={
        first &&
        trouble &&
        (troubled.length === 1
          ? { words: `${first.name} ${trouble.one}`, to: first.to }
          : { words: `${troubled.length} ${trouble.many}`, to: stop.to })
      }
    />
  );
}

/** What changed last, and when. */
export function Newest({ name, at }: { name: string; at: number }) {
  return (
    <>
      {name}, <Ago at={at} />
    </>
  );
}
