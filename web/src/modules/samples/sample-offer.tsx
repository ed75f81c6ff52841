import { Sparkles } from "lucide-react";
import { useState } from "react";
import { useFresh } from "../../lib/fresh.ts";
import { useSession } from "../../lib/session.tsx";
import { SAMPLE_READS, startSample, useSample } from "./samples-api.ts";

/** Where the sample can be built and was not wanted at first: the way to have it after all. */
export function SampleOffer({ project }: { project: string }) {
  const { can, projects } = useSession();
  const { data: sample } = useSample(project);
  const fresh = useFresh(SAMPLE_READS);
  const [busy, setBusy] = useState(false);
  const here = projects.find((one) => one.slug === project)?.id;
  if (sample?.state !== "absent" || sample.projectId !== here || !can("project:write")) return null;
  const start = async () => {
    setBusy(true);
    await fresh(() => startSample({ project })).catch(() => undefined);
    setBusy(false);
  };
  return (
    <div className="mt-2 flex flex-wrap items-center gap-3 border-line border-t pt-3">
      <p className="min-w-0 flex-1 basis-60 text-ink-2">
        Or look at a whole project first: three million flights, from the table to an endpoint that is
        watched.
      </p>
      <button type="button" className="button" disabled={busy} onClick={() => void start()}>
        <Sparkles size={14} /> Build the sample project
      </button>
    </div>
  );
}
