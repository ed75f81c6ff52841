import { Maximize2, X } from "lucide-react";
import { createContext, type ReactNode, useContext, useRef } from "react";
import { createPortal } from "react-dom";
import { useShortcuts } from "./keys.ts";
import { Link } from "./link.tsx";
import { useSmallScreen } from "./screen.ts";
import { useStored } from "./stored.ts";

const WIDTH_MIN = 320;
const WIDTH_MAX = 1100;
const KEY_STEP = 24;

/** The shell's place on the right, into which a room draws its peek. */
export const PeekPlace = createContext<HTMLElement | null>(null);

/** A panel beside the list: not modal, so that the list stays usable; Esc closes, its width is remembered. */
export function Peek({
  title,
  to,
  onClose,
  children,
}: {
  title: ReactNode;
  /** The page behind the panel, where there is one. */
  to?: string;
  onClose: () => void;
  children: ReactNode;
}) {
  const place = useContext(PeekPlace);
  const small = useSmallScreen();
  const [width, setWidth] = useStored("peek-width", 520);
  useShortcuts([{ keys: "Escape", does: "Close the panel", where: "Tables", run: onClose }]);
  if (!place) return null;
  return createPortal(
    <aside
      aria-label="Details"
      className={
        small
          ? "fixed inset-0 z-40 flex flex-col bg-surface"
          : "relative flex h-full flex-col border-line border-l bg-surface"
      }
      style={small ? undefined : { width }}
    >
      {!small && <Edge width={width} onWidth={setWidth} />}
      <header className="flex h-11 shrink-0 items-center gap-2 border-line border-b px-4">
        <div className="min-w-0 flex-1 truncate font-semibold">{title}</div>
        {to && (
          <Link
            to={to}
            className="button button-plain button-icon"
            aria-label="Open the whole page"
            title="Open the whole page"
          >
            <Maximize2 size={14} />
          </Link>
        )}
        <button
          type="button"
          className="button button-plain button-icon"
          aria-label="Close the panel"
          onClick={onClose}
        >
          <X size={16} />
        </button>
      </header>
      <div className="min-h-0 flex-1 overflow-auto">{children}</div>
    </aside>,
    place,
  );
}

function Edge({ width, onWidth }: { width: number; onWidth: (width: number) => void }) {
  const start = useRef<{ x: number; width: number } | undefined>(undefined);
  const clamp = (value: number) => onWidth(Math.max(WIDTH_MIN, Math.min(WIDTH_MAX, innerWidth - 360, value)));
  return (
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the panel"
      aria-valuenow={width}
      aria-valuemin={WIDTH_MIN}
      aria-valuemax={WIDTH_MAX}
      tabIndex={0}
      className="absolute inset-y-0 -left-1 z-10 w-2 cursor-col-resize touch-none"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        start.current = { x: event.clientX, width };
      }}
      onPointerMove={(event) => {
        if (start.current) clamp(start.current.width + start.current.x - event.clientX);
      }}
      onPointerUp={() => {
        start.current = undefined;
      }}
      onKeyDown={(event) => {
        if (event.key === "ArrowLeft") clamp(width + KEY_STEP);
        if (event.key === "ArrowRight") clamp(width - KEY_STEP);
      }}
    />
  );
}
