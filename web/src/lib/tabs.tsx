import { Tabs as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { useUrl } from "./url.ts";

export interface Tab {
  id: string;
  title: string;
  count?: number | undefined;
  content: () => ReactNode;
}

/** Tabs whose choice is in the address; only the chosen one is drawn. */
export function Tabs({ tabs, name = "tab" }: { tabs: readonly Tab[]; name?: string }) {
  const [url, setUrl] = useUrl();
  const chosen = tabs.find((tab) => tab.id === url[name]) ?? tabs[0];
  if (!chosen) return null;
  return (
    <Radix.Root
      className="flex min-h-0 flex-1 flex-col"
      value={chosen.id}
      onValueChange={(id) => setUrl({ [name]: id === tabs[0]?.id ? undefined : id, peek: undefined })}
    >
      <Radix.List
        className="flex shrink-0 gap-4 overflow-x-auto border-line border-b px-4"
        aria-label="Sections"
      >
        {tabs.map((tab) => (
          <Radix.Trigger
            key={tab.id}
            value={tab.id}
            className="-mb-px whitespace-nowrap border-transparent border-b-2 py-2 text-ink-2 hover:text-ink data-[state=active]:border-accent data-[state=active]:font-medium data-[state=active]:text-ink"
          >
            {tab.title}
            {tab.count !== undefined && <span className="nums ml-1.5 text-ink-3 text-xs">{tab.count}</span>}
          </Radix.Trigger>
        ))}
      </Radix.List>
      <Radix.Content
        key={chosen.id}
        value={chosen.id}
        className="flex min-h-0 flex-1 flex-col overflow-auto focus-visible:outline-none"
      >
        {chosen.content()}
      </Radix.Content>
    </Radix.Root>
  );
}
