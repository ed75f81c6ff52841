import { KeyRound } from "lucide-react";
import { useState } from "react";
import { CodeBlock } from "../../lib/code.tsx";
import { useSession } from "../../lib/session.tsx";
import { toastError } from "../../lib/toast.tsx";
import { createToken } from "./access-api.ts";

const LIFE_MS = 90 * 86_400_000;
const NO_TOKEN = "…";

/** A command that is right as it stands: its token is made on click, for this project alone, and shown this once. */
export function TokenCommand({ command }: { command: (token: string) => string }) {
  const { project, projects } = useSession();
  const [secret, setSecret] = useState<string | undefined>();
  const [busy, setBusy] = useState(false);
  const make = async () => {
    setBusy(true);
    const place = projects.find((one) => one.slug === project);
    try {
      const made = await createToken({
        body: {
          name: `First steps in ${place?.name ?? project}`.slice(0, 120),
          expiresMs: Date.now() + LIFE_MS,
          ...(place ? { projectId: place.id } : {}),
        },
      });
      setSecret(made.secret);
    } catch (error) {
      toastError(error);
    }
    setBusy(false);
  };
  return (
    <div className="flex w-full flex-col gap-2 text-left">
      <CodeBlock code={command(secret ?? NO_TOKEN)} label="command" />
      {secret ? (
        <p className="text-ink-3 text-xs">
          The token works for 90 days in this project and is not shown again. Access lists and revokes it.
        </p>
      ) : (
        <button type="button" className="button self-start" disabled={busy} onClick={() => void make()}>
          <KeyRound size={14} /> Put a new token into the command
        </button>
      )}
    </div>
  );
}
