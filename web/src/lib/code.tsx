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
  /** Absent where the command line has no such command. */
  cli?: string;
  python: string;
  curl: string;
}

type Language = keyof SameAsCode;
const LANGUAGES: readonly (readonly [Language, string])[] = [
  ["cli", "CLI"],
  ["python", "Python"],
  ["curl", "curl"],
];

/** What is on screen, as three ways to do the same from elsewhere. */
export function CopyAsCode({ code }: { code: SameAsCode }) {
  const [wanted, setLanguage] = useStored<Language>("code-language", "python");
  const offered = LANGUAGES.filter(([value]) => code[value] !== undefined);
  const language = code[wanted] === undefined ? "curl" : wanted;
  return (
    <Tabs.Root value={language} onValueChange={(value) => setLanguage(value as Language)}>
      <Tabs.List aria-label="Language" className="mb-2 flex gap-1">
        {offered.map(([value, title]) => (
          <Tabs.Trigger
            key={value}
            value={value}
            className="rounded px-2 py-0.5 text-ink-2 text-xs data-[state=active]:bg-hover data-[state=active]:text-ink"
          >
            {title}
          </Tabs.Trigger>
        ))}
      </Tabs.List>
      {offered.map(([value]) => (
        <Tabs.Content key={value} value={value}>
          <CodeBlock code={code[value] ?? ""} />
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

/** The same call of our API in plain Python and curl, for what no client library knows. */
export function apiCode(call: { path: string; method?: string; body?: unknown; cli?: string }): SameAsCode {
  const { path, method = "GET", body, cli } = call;
  const python = [
    "import os, requests",
    "",
    `answer = requests.${method.toLowerCase()}(`,
    `    "${location.origin}${path}",`,
    `    headers={"Authorization": f"Bearer {os.environ['ATRIUM_TOKEN']}"},`,
    ...(body === undefined ? [] : [`    json=${JSON.stringify(body)},`]),
    ")",
    "answer.raise_for_status()",
    "print(answer.json())",
  ].join("\n");
  return { ...(cli === undefined ? {} : { cli }), python, curl: curlOf(path, method, body) };
}

/** A text as one word of a POSIX shell. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
