import type { ReactNode } from "react";
import { CopyableId } from "./copy.tsx";

/** The head of a room's list: its name, what can be done, and nothing else. */
export function RoomHeader({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <header className="flex shrink-0 flex-wrap items-center gap-2 px-4 pt-4 pb-3">
      <h1 className="mr-auto">{title}</h1>
      {children}
    </header>
  );
}

/** The head of an object's page: kind, name, id, facts; at most one primary action at the right. */
export function ObjectHeader({
  kind,
  name,
  id,
  facts,
  actions,
  idLength,
}: {
  kind: string;
  name: ReactNode;
  id: string;
  /** How much of the id is shown; what people gave a name themselves is shown whole. */
  idLength?: number;
  facts: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <header className="flex shrink-0 flex-wrap items-start gap-x-4 gap-y-2 px-4 pt-4 pb-2">
      <div className="min-w-0 flex-1 basis-56">
        <p className="text-ink-3 text-xs">{kind}</p>
        <h1 className="break-words">{name}</h1>
        <div className="mt-1 flex flex-wrap items-center gap-x-4 gap-y-1 text-ink-2">
          <CopyableId id={id} {...(idLength === undefined ? {} : { length: idLength })} />
          {facts}
        </div>
      </div>
      {actions && <div className="flex items-center gap-2">{actions}</div>}
    </header>
  );
}

/** Name and value pairs, the name in grey. */
export function Facts({ items }: { items: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-4 gap-y-1">
      {items.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-ink-3">{name}</dt>
          <dd className="min-w-0 break-words">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Says that the thing on this page is deleted, and lets those who may bring it back. */
export function DeletedNote({ words, onRestore }: { words: string; onRestore: (() => void) | undefined }) {
  return (
    <p className="mx-4 mb-2 flex flex-wrap items-center gap-3 rounded-md bg-warn-soft px-3 py-1.5">
      {words}
      {onRestore && (
        <button type="button" className="button ml-auto" onClick={onRestore}>
          Restore
        </button>
      )}
    </p>
  );
}
