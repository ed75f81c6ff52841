import { createContext, useContext } from "react";
import type { Room } from "./room.ts";

/** Rooms see one another by this value alone: a room that imported the list would import itself. */
export const RoomsContext = createContext<readonly Room[]>([]);

export function useRooms(): readonly Room[] {
  return useContext(RoomsContext);
}
