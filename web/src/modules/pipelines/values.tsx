/** Parameters by name; what is more than a word is shown as JSON. */
export function Values({ values }: { values: Readonly<Record<string, unknown>> }) {
  return (
    <dl className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-4 gap-y-1">
      {Object.entries(values).map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="max-w-48 truncate text-ink-3" title={name}>
            {name}
          </dt>
          <dd className="min-w-0">
            <code className="block max-h-40 overflow-auto whitespace-pre-wrap break-words">
              {words(value)}
            </code>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function words(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value, null, 1);
}
