export interface Spent {
  cpuMs: number;
  wallMs: number;
}

/** What this process spends on some work. */
export async function spent(work: () => Promise<unknown>): Promise<Spent> {
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { cpuMs: (user + system) / 1000, wallMs: performance.now() - startMs };
}
