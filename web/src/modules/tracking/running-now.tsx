export function RunningNow({ project }: { project: string }) {
  return <span hidden>{project}</span>;
}
