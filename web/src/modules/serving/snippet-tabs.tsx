import type { ServingEndpoint } from "@atrium/contract/serving";
import { Tabs } from "radix-ui";
import { CodeBlock } from "../../lib/code.tsx";
import { useStored } from "../../lib/stored.ts";
import { snippetsOf } from "./same-as-code.ts";

/** How to ask it from elsewhere, with the clients people have; the token stays in the environment. */
export function Snippets({ project, endpoint }: { project: string; endpoint: ServingEndpoint }) {
  const snippets = snippetsOf(project, endpoint);
  const [wanted, setWanted] = useStored("serving-snippet", "curl");
  const chosen = snippets.find(({ id }) => id === wanted) ?? snippets[0];
  return (
    <div className="flex max-w-4xl flex-col gap-3 p-4">
      <p className="text-ink-2">
        Every way needs a token in <code>ATRIUM_TOKEN</code>; Access makes one. The same endpoint answers all
        of these protocols.
      </p>
      <Tabs.Root value={chosen?.id ?? ""} onValueChange={setWanted}>
        <Tabs.List aria-label="Client" className="mb-1 flex gap-1 overflow-x-auto p-1">
          {snippets.map(({ id, title }) => (
            <Tabs.Trigger
              key={id}
              value={id}
              className="whitespace-nowrap rounded px-2 py-0.5 text-ink-2 text-xs data-[state=active]:bg-hover data-[state=active]:text-ink"
            >
              {title}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        {snippets.map(({ id, title, code, note }) => (
          <Tabs.Content key={id} value={id} className="flex flex-col gap-2">
            <CodeBlock code={code} label={title} />
            <p className="text-ink-3 text-xs">{note}</p>
          </Tabs.Content>
        ))}
      </Tabs.Root>
    </div>
  );
}
