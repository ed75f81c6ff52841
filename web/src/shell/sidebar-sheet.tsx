import { useEffect, useRef } from "react";
import type { Room } from "../lib/room.ts";
import { Sidebar } from "./sidebar.tsx";

/** The sidebar on a phone: it slides over the page and leaves at a tap beside it. */
export function SidebarSheet({
  rooms,
  project,
  onClose,
}: {
  rooms: readonly Room[];
  project: string;
  onClose: () => void;
}) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => element.current?.showModal(), []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Esc is the keyboard's way out and comes with the element.
    <dialog
      ref={element}
      aria-label="Rooms"
      className="m-0 h-dvh max-h-none bg-transparent p-0"
      onCancel={onClose}
      onClick={(event) => {
        if (event.target === element.current) onClose();
      }}
    >
      <Sidebar rooms={rooms} project={project} folded="open" onGo={onClose} />
    </dialog>
  );
}
