import type { Cell } from "@atrium/contract/serving";
import { MessageSquareCheck } from "lucide-react";
import { useState } from "react";
import { FormError, TextField, useSubmit } from "../../lib/form.tsx";
import { useRefresh } from "../../lib/fresh.ts";
import { useSession } from "../../lib/session.tsx";
import { sendFeedback } from "./serving-api.ts";

const FEEDBACK_READS = ["/endpoints/:endpoint/predictions"] as const;

/** What came true of one prediction: the same label again changes nothing, another one replaces it. */
export function FeedbackForm({
  project,
  endpoint,
  predictionId,
}: {
  project: string;
  endpoint: string;
  predictionId: string;
}) {
  const { can } = useSession();
  const refresh = useRefresh(FEEDBACK_READS);
  const [text, setText] = useState("");
  const [kept, setKept] = useState<string | undefined>();
  const form = useSubmit(async () => {
    const feedback = [{ predictionId, label: labelOf(text) }];
    await sendFeedback({ project, params: { endpoint }, body: { feedback } });
    setKept(text.trim());
    refresh();
  });
  if (!can("endpoint:invoke")) return null;
  return (
    <form className="flex flex-col gap-2" onSubmit={form.onSubmit}>
      <div className="flex flex-wrap items-end gap-2">
        <div className="min-w-32 flex-1">
          <TextField
            label="What came true"
            required
            maxLength={1000}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </div>
        <button type="submit" className="button !h-8" disabled={form.busy || text.trim() === ""}>
          <MessageSquareCheck size={14} /> Send feedback
        </button>
      </div>
      {kept !== undefined && !form.error && (
        <p role="status" className="text-good text-xs">
          The label {kept} is kept with the prediction.
        </p>
      )}
      <FormError error={form.error} />
    </form>
  );
}

/** A number or true and false where it reads as one, else text. */
function labelOf(text: string): Cell {
  const word = text.trim();
  if (word === "true" || word === "false") return word === "true";
  const number = Number(word);
  return word !== "" && Number.isFinite(number) ? number : word;
}
