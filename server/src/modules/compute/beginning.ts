import { AppError } from "#lib/errors";
import type { Actor } from "#modules/identity";
import type { Seeing } from "./attempt.ts";
import type { ComputeDeps } from "./deps.ts";
import type { Environments, ReadyEnvironment } from "./door.ts";
import { type JobSpec, labelsOf } from "./spec.ts";
import type { JobRow } from "./tables.ts";
import type { Transitions } from "./transitions.ts";
import { variablesOf } from "./variables.ts";
import { layAuthorities, layIn } from "./work-folder.ts";

const TOKEN_MARGIN_MS = 10 * 60_000; // A job's last words come when its time is over; its end revokes the token anyway.

export type BeginningDeps = ComputeDeps & { environments: Environments };

interface Given {
  job: JobRow;
  spec: JobSpec;
  actor: Actor;
  seeing: Pick<Seeing, "cancelled" | "stopping" | "room">;
}

/** Everything between a claim and a running process. */
export function createBeginning(deps: BeginningDeps, transitions: Transitions) {
  const { db, clock, artifacts, projects, executor, environments } = deps;
  return { begin, secretsOf };

  async function begin({ job, spec, actor, seeing }: Given) {
    const signal = AbortSignal.any([seeing.cancelled, seeing.stopping]);
    const ensure = (wanted: { requirements: readonly string[]; alone: readonly string[] }) =>
      environments.ensure(actor, job.project_id, wanted, signal);
    const [environment, ...folders] = await Promise.all([
      spec.requirements === null ? undefined : ensure({ requirements: spec.requirements, alone: spec.alone }),
      ...Object.values(spec.besides).map(async (wanted) => (await ensure(wanted)).folder),
    ]);
    const besides = Object.fromEntries(Object.keys(spec.besides).map((name, i) => [name, folders[i] ?? ""]));
    await seeing.room(signal); // Only now: what is resolved and built takes minutes, and none of the job's cores.
    const secrets = await secretsOf(actor, job, spec);
    const executorId = executorIdOf(job);
    const folder = await executor.prepare(executorId);
    await layIn({ artifacts, actor, projectId: job.project_id, signal }, folder, spec);
    signal.throwIfAborted();
    const server = deps.serverAddress();
    const authorities =
      server?.authorityFile === undefined ? undefined : await layAuthorities(folder, server.authorityFile);
    const token = await db.transaction((tx) =>
      transitions.started(tx, job, {
        executorId,
        environmentDigest: environment?.digest ?? null,
        expiresMs: clock.now() + spec.timeoutMs + TOKEN_MARGIN_MS,
      }),
    );
    await executor.start({
      attemptId: executorId,
      command: await commandOf(spec, environment),
      variables: variablesOf({
        job: { id: job.id, projectId: job.project_id, attempt: job.attempt, cores: job.cores },
        folder,
        besides,
        environment,
        labels: labelsOf(job, spec),
        programs: deps.programs,
        server,
        token,
        authorities,
        own: spec.variables,
        secrets,
        clientVariables: deps.clientVariables,
      }),
      limits: {
        cores: job.cores,
        memoryMiB: job.memory_mib,
        timeoutMs: spec.timeoutMs,
        outputMiB: spec.outputMiB,
      },
    });
    return { executorId, secrets: Object.values(secrets) };
  }

  /** Environment variable → value of the project's secret that it was asked to hold. */
  async function secretsOf(actor: Actor, job: JobRow, spec: JobSpec): Promise<Record<string, string>> {
    const names = [...new Set(Object.values(spec.secrets))];
    if (names.length === 0) return {};
    const values = await projects.secretValues(actor, job.project_id, names);
    return Object.fromEntries(
      Object.entries(spec.secrets).map(([variable, name]) => [variable, secretIn(values, name)]),
    );
  }

  async function commandOf(spec: JobSpec, environment: ReadyEnvironment | undefined): Promise<string[]> {
    const [program = "", ...args] = spec.command;
    if (program !== "python") return [program, ...args];
    return [environment?.python ?? (await deps.packages.interpreter()).program, ...args];
  }
}

/** The fence is part of the name: whatever a former holder may still start, it starts elsewhere. */
export function executorIdOf({ id, attempt, fence }: JobRow): string {
  return `${id}-${attempt}-${fence}`;
}

function secretIn(values: Readonly<Record<string, string>>, name: string): string {
  const value = values[name];
  if (value === undefined) throw new AppError("not_found", `The project has no secret ${name}.`);
  return value;
}
