import { openSqlite } from "./sqlite.ts";
export async function openDatabase(config: { engine: string }, location: { file: string; key: Buffer }) {
  return openSqlite(location);
}
