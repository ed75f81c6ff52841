import type { lineageApi } from "@atrium/contract/lineage";
import { ChevronRight } from "lucide-react";
import { Fragment } from "react";
import { operation, useApi } from "./api.ts";
import { versionWords } from "./lineage-layout.ts";
import { Link } from "./link.tsx";
import { pageOf } from "./paths.ts";

const ribbon = operation<(typeof lineageApi)["ribbon"]>("GET /lineage/ribbon");

/** One line from a thing's origin to its use, the thing itself marked. Says nothing while there is nothing to say. */
export function LineageRibbon({
  project,
  type,
  id,
  version,
  names = {},
}: {
  project: string;
  type: string;
  id: string;
  version?: string;
  /** Names of things by id, where the caller knows them. */
  names?: Record<string, string>;
}) {
  const { data } = useApi(ribbon, { project, query: { type, id, ...(version ? { version } : {}) } });
  if (!data || data.path.length < 2) return null;
  return (
    <nav
      aria-label="Lineage"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: on a phone it scrolls, so the keyboard must reach it.
      tabIndex={0}
      className="flex shrink-0 items-center gap-1 overflow-x-auto px-4 pb-2 text-xs"
    >
      {data.path.map((thing, index) => {
        const to = pageOf(project, thing);
        const words = (
          <>
            <span className="text-ink-3">{thing.type.replace("-", " ")}</span>{" "}
            {names[thing.id] ?? shorten(thing.id)}
            {versionWords(thing.version)}
          </>
        );
        return (
          <Fragment key={`${thing.type}/${thing.id}/${thing.version ?? ""}`}>
            {index > 0 && <ChevronRight size={12} className="shrink-0 text-ink-3" aria-hidden />}
            {thing.self ? (
              <span
                ref={bringIntoView}
                aria-current="true"
                className="whitespace-nowrap rounded bg-accent-soft px-1.5 py-0.5 font-medium"
              >
                {words}
              </span>
            ) : to ? (
              <Link to={to} className="whitespace-nowrap rounded px-1.5 py-0.5 hover:bg-hover">
                {words}
              </Link>
            ) : (
              <span className="whitespace-nowrap px-1.5 py-0.5">{words}</span>
            )}
          </Fragment>
        );
      })}
    </nav>
  );
}

/** A long line begins where the thing itself is. Not made anew with each drawing, so it happens once. */
function bringIntoView(self: HTMLElement | null): void {
  self?.scrollIntoView({ block: "nearest", inline: "center" });
}

function shorten(id: string): string {
  return id.length > 24 ? `${id.slice(0, 10)}…` : id;
}
