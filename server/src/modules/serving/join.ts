import { AppError } from "#lib/errors";
import { type Joined, joinRow } from "./cold-start.ts";
import type { ServingDeps } from "./deps.ts";
import type { LiveEndpoint } from "./live.ts";

/** Each row with its features, and who will answer for it. @throws AppError `invalid` naming what is missing or unknown */
export async function joinRows(
  features: ServingDeps["features"],
  live: LiveEndpoint,
  instances: readonly Record<string, unknown>[],
): Promise<Joined[]> {
  const { input } = live;
  if (input.kind === "direct")
    return instances.map((row) => ({ ask: "model", row, servedBy: "model", cohort: "known", share: 0 }));
  const service = features.service(live.projectId, input.featureService);
  if (service === undefined)
    throw new AppError("unavailable", `The feature service ${input.featureService} is gone.`);
  const types = new Map<string, string>(input.requestValues.map(({ name, type }) => [name, type]));
  const keyNames = service.joinKeys.map(({ name }) => name);
  const keys = instances.map((row, i) => {
    checkRow(row, i, { keyNames, types });
    return Object.fromEntries(keyNames.map((name) => [name, row[name] as string | number]));
  });
  const columns = await features.read(live.projectId, service.name, keys);
  return instances.map((row, i) =>
    joinRow({ input, service, tables: live.coldTables }, row, { columns, row: i }),
  );
}

function checkRow(
  row: Record<string, unknown>,
  index: number,
  { keyNames, types }: { keyNames: readonly string[]; types: ReadonlyMap<string, string> },
): void {
  for (const name of keyNames) {
    const value = row[name];
    if (typeof value === "string" || typeof value === "number") continue;
    throw new AppError("invalid", `Instance ${index} lacks the entity id ${name}.`, { at: name });
  }
  for (const [name, type] of types) {
    const value = row[name];
    if (value === null || typeof value === type) continue;
    const said = value === undefined ? "lacks" : "has no";
    throw new AppError("invalid", `Instance ${index} ${said} ${type} ${name}.`, { at: name });
  }
  const stranger = Object.keys(row).find((name) => !keyNames.includes(name) && !types.has(name));
  if (stranger === undefined) return;
  const known = [...keyNames, ...types.keys()].join(", ");
  throw new AppError(
    "invalid",
    `Instance ${index} has ${stranger.slice(0, 100)}; this endpoint takes ${known}.`,
    {
      at: stranger,
    },
  );
}
