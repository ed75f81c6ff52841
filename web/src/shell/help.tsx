import { Dialog } from "../lib/dialog.tsx";
import { activeShortcuts } from "../lib/keys.ts";

const isMac = navigator.platform.startsWith("Mac");
const WORDS: Record<string, string> = { mod: isMac ? "⌘" : "Ctrl", alt: isMac ? "⌥" : "Alt", Escape: "Esc" };

/** The keys that work right now, here. */
export function Help({ onClose }: { onClose: () => void }) {
  const groups = new Map<string, { keys: string; does: string }[]>();
  for (const shortcut of activeShortcuts()) {
    const where = shortcut.where ?? "Everywhere";
    groups.set(where, [...(groups.get(where) ?? []), shortcut]);
  }
  return (
    <Dialog title="Keyboard" onClose={onClose} wide="wide">
      <div className="grid gap-6 sm:grid-cols-2">
        {[...groups].map(([where, shortcuts]) => (
          <section key={where}>
            <h3 className="mb-1 text-ink-3 text-xs">{where}</h3>
            <dl>
              {shortcuts.map((shortcut) => (
                <div key={shortcut.keys} className="flex h-7 items-center justify-between gap-4">
                  <dt>{shortcut.does}</dt>
                  <dd className="flex gap-1">
                    {shortcut.keys.split(/[ +]/).map((key, at) => (
                      <kbd key={`${at}${key}`} className="kbd">
                        {WORDS[key] ?? (key.length === 1 ? key.toUpperCase() : key)}
                      </kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
