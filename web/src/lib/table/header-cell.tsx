import { ArrowDown, ArrowUp } from "lucide-react";
import { useRef } from "react";
import type { Sort } from "../url.ts";
import type { Column } from "./column.ts";

const WIDTH_MIN = 56;
const WIDTH_MAX = 900;
const KEY_STEP = 16;

/** A header that sorts on click and is dragged wider at its edge; the arrows do the same from the keyboard. */
export function HeaderCell<Row>({
  column,
  sort,
  onSort,
  width,
  onWidth,
}: {
  column: Column<Row>;
  sort: Sort | undefined;
  onSort: (() => void) | undefined;
  width: number;
  onWidth: ((width: number) => void) | undefined;
}) {
  const direction = sort?.column === column.id ? sort.direction : undefined;
  const Arrow = direction === "ascending" ? ArrowUp : ArrowDown;
  const title = column.title ? (
    <span className="truncate">{column.title}</span>
  ) : (
    <span className="sr-only">Actions</span>
  );
  const arrow = direction && <Arrow size={12} className="shrink-0" aria-hidden />;
  return (
    <div
      role="columnheader"
      aria-sort={direction ?? (onSort ? "none" : undefined)}
      className="group relative flex h-8 min-w-0 items-center px-3 font-medium text-ink-2 text-xs"
      title={column.title}
    >
      {onSort ? (
        <button
          type="button"
          className={`flex min-w-0 flex-1 items-center gap-1 ${column.align === "end" ? "justify-end" : ""} hover:text-ink`}
          onClick={onSort}
        >
          {title}
          {arrow}
        </button>
      ) : (
        <span className={`flex min-w-0 flex-1 ${column.align === "end" ? "justify-end" : ""}`}>{title}</span>
      )}
      {onWidth && <Resizer width={width} onWidth={onWidth} label={`Width of ${column.title}`} />}
    </div>
  );
}

function Resizer({
  width,
  onWidth,
  label,
}: {
  width: number;
  onWidth: (width: number) => void;
  label: string;
}) {
  const start = useRef<{ x: number; width: number } | undefined>(undefined);
  const clamp = (value: number) => onWidth(Math.max(WIDTH_MIN, Math.min(WIDTH_MAX, Math.round(value))));
  return (
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label={label}
      aria-valuenow={width}
      aria-valuemin={WIDTH_MIN}
      aria-valuemax={WIDTH_MAX}
      tabIndex={0}
      className="absolute inset-y-1 right-0 w-1.5 cursor-col-resize touch-none border-line border-r opacity-0 focus-visible:opacity-100 group-hover:opacity-100"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        start.current = { x: event.clientX, width };
      }}
      onPointerMove={(event) => {
        if (start.current) clamp(start.current.width + event.clientX - start.current.x);
      }}
      onPointerUp={() => {
        start.current = undefined;
      }}
      onKeyDown={(event) => {
        if (event.key === "ArrowRight") clamp(width + KEY_STEP);
        if (event.key === "ArrowLeft") clamp(width - KEY_STEP);
      }}
    />
  );
}
