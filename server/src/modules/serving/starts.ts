import type { EndpointInput } from "@atrium/contract/serving";
import { AppError } from "#lib/errors";
import { SYSTEM } from "#modules/identity";
import type { Tx } from "#ports/database";
import type { Engine, EngineSpec } from "#ports/engines";
import { plainName } from "./cold-start.ts";
import type { ServingDeps } from "./deps.ts";
import { createGate } from "./gate.ts";
import { labelsOf } from "./live.ts";
import { type ModelFolder, readModelFolder } from "./model-folder.ts";
import * as queries from "./queries.ts";
import { withShare } from "./routing.ts";
import { tensorsOf } from "./rows.ts";
import { readScoring } from "./scoring-body.ts";
import { switchRoutes } from "./switch.ts";
import type { DeploymentRow, EndpointRow } from "./tables.ts";
import { routesOf } from "./view.ts";

const REASON_CHARACTERS_MAX = 2000; // A model's own words can be a whole traceback; the log has it all.

export interface Started {
  engine: Engine;
  folder: ModelFolder;
}

/** From a stored deployment to a warm engine, and what is stored of how that went. */
export function createStarts(deps: ServingDeps) {
  const { db, clock, lineage } = deps;
  const gate = createGate(deps);
  return { open, becameReady, failed, progressed };

  /** @throws AppError when the model cannot be served; nothing then remains */
  async function open(
    endpoint: EndpointRow,
    row: DeploymentRow,
    progress: (reason: string) => void,
  ): Promise<Started> {
    await note(endpoint, row, "Its files are read.");
    const folder = await readModelFolder(deps, { projectId: row.project_id, path: row.artifact_path });
    const program = await programOf(row, folder, (reason) => {
      progress(reason);
      return note(endpoint, row, reason);
    });
    await note(endpoint, row, "Its engine starts and answers the model's own example.");
    const engine = await deps.engines.open(specOf(endpoint, row, { folder, program }));
    try {
      await warmUp(engine, row, folder);
      checkFits(endpoint, engine, folder);
    } catch (thrown) {
      await engine.close();
      throw thrown;
    }
    return { engine, folder };
  }

  async function programOf(
    row: DeploymentRow,
    folder: ModelFolder,
    progress: (reason: string) => Promise<void>,
  ): Promise<EngineSpec["program"]> {
    if (row.engine !== "pyfunc") return { kind: row.engine };
    if (folder.requirements.length === 0)
      throw new AppError("invalid", "The model names no requirements; log it with its requirements.txt.");
    await progress("Its Python environment is built.");
    const { python } = await deps.environments.ensure(SYSTEM, row.project_id, {
      requirements: folder.requirements,
    });
    return { kind: "pyfunc", python };
  }

  function specOf(
    endpoint: EndpointRow,
    row: DeploymentRow,
    { folder, program }: { folder: ModelFolder; program: EngineSpec["program"] },
  ): EngineSpec {
    const { copies, threads, memoryMiB, queueMax, timeoutMs, batchRowsMax } = JSON.parse(
      row.settings,
    ) as import("@atrium/contract/serving").DeploymentSettings;
    const model = { name: row.model_name, version: row.model_version };
    const labels = { role: "engine", ...labelsOf(endpoint.name, { number: row.number, model }) };
    return {
      name: `${endpoint.name}/${row.number}`,
      program,
      model: folder.files,
      copies,
      threads,
      memoryMiB,
      queueMax,
      deadlineMs: timeoutMs,
      batching: { rowsMax: batchRowsMax, waitMs: 0 },
      log: ({ stream, text, copy }) =>
        deps.writeLog([
          {
            projectId: row.project_id,
            level: stream === "stdout" ? "info" : "warn",
            message: text,
            labels: { ...labels, stream, copy: String(copy) },
          },
        ]),
    };
  }

  /** Pyfunc engines answer their example by themselves; of others only we know the form it was saved in. */
  async function warmUp(engine: Engine, row: DeploymentRow, folder: ModelFolder): Promise<void> {
    if (row.engine === "pyfunc" || folder.example === undefined) return;
    const body = {
      contentType: "application/json",
      bytes: Buffer.from(JSON.stringify(folder.example)),
    } as const;
    const inputs = tensorsFromScoring(engine, folder, readScoring(body).rows);
    if (inputs !== undefined) await engine.infer(inputs);
  }

  async function note(endpoint: EndpointRow, row: DeploymentRow, reason: string): Promise<void> {
    if (row.state !== "pending" && row.state !== "starting") return;
    await db.transaction(async (tx) => {
      const standing = await queries.deploymentById(tx, row.id);
      if (standing?.state !== "pending" && standing?.state !== "starting") return;
      await queries.saveDeployment(tx, row.id, { state: "starting", reason });
      await announceProgress(tx, endpoint, row);
    });
  }

  /** Tells of what is not stored: that an engine died, or is back. */
  async function progressed(endpoint: EndpointRow, row: DeploymentRow): Promise<void> {
    await db.transaction((tx) => announceProgress(tx, endpoint, row));
  }

  async function announceProgress(tx: Tx, endpoint: EndpointRow, row: DeploymentRow): Promise<void> {
    const body = { endpointId: endpoint.id, name: endpoint.name, deploymentId: row.id };
    const { project_id: projectId, id: key } = endpoint;
    await deps.events.announce(tx, { kind: "endpoint.progressed", projectId, key, body });
  }

  /** Gives the deployment its share of the traffic, once, whichever process was first. */
  async function becameReady(
    at: EndpointRow,
    row: DeploymentRow,
    { engine, folder }: Started,
  ): Promise<void> {
    if (row.state !== "pending" && row.state !== "starting") return;
    await db.transaction(async (tx) => {
      const endpoint = await queries.endpointToChange(tx, at.id);
      const standing = await queries.deploymentById(tx, row.id);
      if (endpoint === undefined || standing === undefined) return;
      if (standing.state !== "pending" && standing.state !== "starting") return;
      const signature = JSON.stringify(engine.signature);
      await queries.saveDeployment(tx, row.id, {
        state: "ready",
        reason: "",
        signature,
        ready_ms: clock.now(),
      });
      if (endpoint.example === "")
        await queries.saveEndpoint(tx, endpoint.id, { example: exampleText(endpoint, folder) });
      const version = { type: "model-version", id: row.model_name, version: String(row.model_version) };
      const to = { type: "endpoint", id: endpoint.name };
      await lineage.link(tx, { projectId: row.project_id, from: version, relation: "deployed", to });
      const details = { deploymentId: row.id, number: row.number, by: row.created_by };
      if (row.weight === 0)
        return gate.tell(tx, SYSTEM, { action: "endpoint.deployment-ready", endpoint, details });
      const before = routesOf(await queries.revisionOf(tx, endpoint.id, endpoint.revision));
      const routes = withShare(before, row.id, row.weight);
      const { revision } = await switchRoutes(deps, tx, {
        endpoint,
        routes,
        why: "deployed",
        by: row.created_by,
      });
      await gate.tell(tx, SYSTEM, {
        action: "endpoint.switched",
        endpoint,
        details: { ...details, revision, routes },
      });
    });
  }

  async function failed(endpoint: EndpointRow, row: DeploymentRow, message: string): Promise<void> {
    if (row.state !== "pending" && row.state !== "starting") return;
    await db.transaction(async (tx) => {
      const standing = await queries.deploymentById(tx, row.id);
      if (standing?.state !== "pending" && standing?.state !== "starting") return;
      await queries.saveDeployment(tx, row.id, {
        state: "failed",
        reason: message.slice(0, REASON_CHARACTERS_MAX),
      });
      const details = { deploymentId: row.id, number: row.number };
      await gate.tell(tx, SYSTEM, { action: "endpoint.deployment-failed", endpoint, details });
    });
  }

  /** That everything the model wants is given: by the request, or by the features that are joined to it. */
  function checkFits(endpoint: EndpointRow, engine: Engine, folder: ModelFolder): void {
    const input = JSON.parse(endpoint.input) as EndpointInput;
    if (input.kind === "direct") return;
    const service = deps.features.service(endpoint.project_id, input.featureService);
    if (service === undefined)
      throw new AppError(
        "unavailable",
        `The feature service ${input.featureService} is gone, or not loaded yet.`,
      );
    const given = new Set([
      ...service.features.map(({ name }) => plainName(name)),
      ...service.joinKeys.map(({ name }) => name),
      ...input.requestValues.map(({ name }) => name),
    ]);
    const missing = columnsOf(engine, folder).filter((name) => !given.has(name));
    if (missing.length === 0) return;
    throw new AppError(
      "invalid",
      `The model wants ${missing.join(", ")}, which neither the feature service ${service.name} nor the request gives.`,
    );
  }

  /** One row in the form of our own route. What the model's maker saved helps where it names what a request brings. */
  function exampleText(endpoint: EndpointRow, folder: ModelFolder): string {
    const saved = savedRow(folder);
    const input = JSON.parse(endpoint.input) as EndpointInput;
    if (input.kind === "direct") return saved === undefined ? "" : JSON.stringify({ instances: [saved] });
    const service = deps.features.service(endpoint.project_id, input.featureService);
    if (service === undefined) return "";
    const row = [...service.joinKeys, ...input.requestValues].map(({ name, type }) => {
      const value = saved?.[name];
      return [name, typeof value === PLAIN[type].of ? value : PLAIN[type].example];
    });
    return JSON.stringify({ instances: [Object.fromEntries(row)] });
  }
}

/** What the model calls its inputs: the columns it was trained on, else the names in its file. */
function columnsOf(
  engine: Pick<Engine, "signature">,
  folder: Pick<ModelFolder, "columns">,
): readonly string[] {
  return folder.columns.length > 0 ? folder.columns : engine.signature.inputs.map(({ name }) => name);
}

function tensorsFromScoring(
  engine: Engine,
  folder: ModelFolder,
  rows: readonly Record<string, unknown>[] | undefined,
) {
  return rows === undefined ? undefined : tensorsOf(engine.signature, folder.columns, rows);
}

/** Of each type of a request's values: what it is in JSON, and one that is taken. */
const PLAIN = {
  int64: { of: "number", example: 1 },
  number: { of: "number", example: 1 },
  string: { of: "string", example: "A" },
  boolean: { of: "boolean", example: false },
} as const;

function savedRow(folder: ModelFolder): Readonly<Record<string, unknown>> | undefined {
  if (folder.example === undefined) return undefined;
  const bytes = Buffer.from(JSON.stringify(folder.example));
  return readScoring({ contentType: "application/json", bytes }).rows?.[0];
}
