import { Tabs } from "radix-ui";
import { CopyButton } from "./copy.tsx";
import { useStored } from "./stored.ts";

export function CodeBlock({ code, label = "code" }: { code: string; label?: string }) {
  return (
    <div className="relative rounded-md border border-line bg-sunken">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long line scrolls, so the keyboard must reach it. */}
      <pre className="overflow-x-auto p-3 pr-10" tabIndex={0}>
        <code>{code}</code>
      </pre>
      <span className="absolute top-2 right-2 bg-sunken">
        <CopyButton text={code} what={label} />
      </span>
    </div>
  );
}

export interface SameAsCode {
  cli: string;
  python: string;
  curl: string;
}

/** What is on screen, as three ways to do the same from elsewhere. */
export function CopyAsCode({ code }: { code: SameAsCode }) {
  const [language, setLanguage] = useStored<keyof SameAsCode>("code-language", "python");
  return (
    <Tabs.Root value={language} onValueChange={(value) => setLanguage(value as keyof SameAsCode)}>
      <Tabs.List aria-label="Language" className="mb-2 flex gap-1">
        {(
          [
            ["cli", "CLI"],
            ["python", "Python"],
            ["curl", "curl"],
          ] as const
        ).map(([value, title]) => (
          <Tabs.Trigger
            key={value}
            value={value}
            className="rounded px-2 py-0.5 text-ink-2 text-xs data-[state=active]:bg-hover data-[state=active]:text-ink"
          >
            {title}
          </Tabs.Trigger>
        ))}
      </Tabs.List>
      {(["cli", "python", "curl"] as const).map((value) => (
        <Tabs.Content key={value} value={value}>
          <CodeBlock code={code[value]} />
        </Tabs.Content>
      ))}
    </Tabs.Root>
  );
}

/** A curl command for a path of our API; the token stays out of the history. */
export function curlOf(path: string, method = "GET", body?: unknown): string {
  const parts = [
    `curl ${method === "GET" ? "" : `-X ${method} `}'${location.origin}${path}'`,
    `  -H "Authorization: Bearer $ATRIUM_TOKEN"`,
  ];
  if (body !== undefined)
    parts.push(`  -H 'Content-Type: application/json'`, `  -d ${shellQuoted(JSON.stringify(body))}`);
  return parts.join(" \\\n");
}

/** A text as one word of a POSIX shell. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
