import { Fragment, type ReactNode } from "react";

export interface SideLine {
  name: string;
  /** Said on hover of the name. */
  hint?: string;
  cells: readonly ReactNode[];
}

export interface SideGroup {
  title: string;
  lines: readonly SideLine[];
  /** Said when the group has no line; without it an empty group is left out. */
  nothing?: string;
}

/** Things in columns, their values in lines; the names stay in view while the rest scrolls. */
export function SideBySide({
  heads,
  groups,
}: {
  heads: readonly { id: string; content: ReactNode }[];
  groups: readonly SideGroup[];
}) {
  const width = heads.length + 1;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
    <section className="card overflow-auto" aria-label="Side by side" tabIndex={0}>
      <table className="min-w-full">
        <thead>
          <tr className="border-line border-b">
            <th scope="col" className="sticky left-0 bg-surface px-3 py-2 text-left">
              <span className="sr-only">Name</span>
            </th>
            {heads.map((head) => (
              <th key={head.id} scope="col" className="min-w-36 px-3 py-2 text-left align-top font-medium">
                {head.content}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {groups
            .filter((group) => group.lines.length > 0 || group.nothing)
            .map((group) => (
              <Fragment key={group.title}>
                <tr className="border-line border-b bg-sunken">
                  <th
                    scope="colgroup"
                    colSpan={width}
                    className="px-3 py-1 text-left font-medium text-ink-2 text-xs"
                  >
                    <span className="sticky left-3">{group.title}</span>
                  </th>
                </tr>
                {group.lines.length === 0 && (
                  <tr className="border-line border-b">
                    <td colSpan={width} className="px-3 py-1 text-ink-3">
                      <span className="sticky left-3">{group.nothing}</span>
                    </td>
                  </tr>
                )}
                {group.lines.map((line) => (
                  <tr key={line.name} className="border-line border-b last:border-0">
                    <th
                      scope="row"
                      className="sticky left-0 max-w-64 truncate bg-surface px-3 py-1 text-left font-normal text-ink-2 max-sm:max-w-32"
                      title={line.hint ?? line.name}
                    >
                      {line.name}
                    </th>
                    {line.cells.map((cell, index) => (
                      <td key={heads[index]?.id} className="max-w-64 truncate px-3 py-1">
                        {cell ?? <span className="text-ink-3">–</span>}
                      </td>
                    ))}
                  </tr>
                ))}
              </Fragment>
            ))}
        </tbody>
      </table>
    </section>
  );
}

/** Whether only lines that differ are shown; kept in the address by the caller. */
export function OnlyDifferent({
  checked,
  onChange,
}: {
  checked: "only" | "all";
  onChange: (value: "only" | "all") => void;
}) {
  return (
    <label className="flex items-center gap-2">
      <input
        type="checkbox"
        className="accent-(--accent)"
        checked={checked === "only"}
        onChange={(event) => onChange(event.target.checked ? "only" : "all")}
      />
      Only what differs
    </label>
  );
}
