import type { LucideIcon } from "lucide-react";
import { TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { formatCount } from "./format.ts";
import { Link } from "./link.tsx";

/** One stop of a project's flow: how many, how fresh, how well, and what changed last. Trouble glows and is one click away. */
export function Station({
  title,
  icon: Icon,
  to,
  count,
  newest,
  trouble,
  empty,
}: {
  title: string;
  icon: LucideIcon;
  to: string;
  count: number | undefined;
  newest?: ReactNode;
  trouble?: { words: string; to: string } | undefined;
  /** The one thing to do while there is nothing. */
  empty: ReactNode;
}) {
  return (
    <section
      aria-label={title}
      className={`card flex min-w-0 flex-1 flex-col gap-1 p-3 ${trouble ? "border-bad" : ""}`}
    >
      <Link to={to} className="flex items-center gap-2 text-ink-2 hover:text-ink">
        <Icon size={16} aria-hidden /> <span className="font-medium">{title}</span>
      </Link>
      <p className="nums font-semibold text-lg">
        {count === undefined ? <span className="skeleton inline-block h-5 w-10" /> : formatCount(count)}
      </p>
      <div className="min-h-5 truncate text-ink-2 text-xs">{count === 0 ? empty : newest}</div>
      {trouble && (
        <Link
          to={trouble.to}
          className="flex items-center gap-1.5 rounded bg-bad-soft px-2 py-1 text-bad text-xs"
        >
          <TriangleAlert size={14} aria-hidden /> {trouble.words}
        </Link>
      )}
    </section>
  );
}
