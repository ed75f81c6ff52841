export function runJobs(_: unknown) {
  return { stop: async () => {} };
}
