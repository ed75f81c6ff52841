import { CopyAsCode, type SameAsCode } from "./code.tsx";
import { Dialog } from "./dialog.tsx";

/** What is on screen as code, over the screen. */
export function CodeDialog({ code, onClose }: { code: SameAsCode; onClose: () => void }) {
  return (
    <Dialog title="The same as code" wide="wide" onClose={onClose}>
      <CopyAsCode code={code} />
    </Dialog>
  );
}
