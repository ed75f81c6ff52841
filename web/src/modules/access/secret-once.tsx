import { CodeBlock } from "../../lib/code.tsx";
import { Dialog } from "../../lib/dialog.tsx";

/** Something that is shown this once: a token, an invitation's link. */
export function SecretOnce({
  title,
  secret,
  explains,
  onClose,
}: {
  title: string;
  secret: string;
  explains: string;
  onClose: () => void;
}) {
  return (
    <Dialog title={title} onClose={onClose}>
      <div className="flex flex-col gap-3">
        <p className="text-ink-2">{explains}</p>
        <CodeBlock code={secret} label="secret" />
        <button type="button" className="button button-primary self-end" onClick={onClose}>
          I have kept it
        </button>
      </div>
    </Dialog>
  );
}
