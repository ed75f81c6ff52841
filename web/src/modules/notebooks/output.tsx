import type { NotebookOutput } from "@atrium/contract/notebooks";
import { formatBytes } from "../../lib/format.ts";
import { Markdown } from "../../lib/markdown-view.tsx";
import { SafePage } from "../../lib/safe-page.tsx";

// Tables are what HTML outputs mostly are: about so tall a row, between a line and half a screen.
const ROW_PX = 26;
const HEIGHT_PX_MIN = 64;
const HEIGHT_PX_MAX = 460;
// What a data frame's table looks like in JupyterLab; it lies in the frame, which takes no style from our page.
const STYLE = `<style>body{font:13px/1.5 system-ui,sans-serif;margin:8px;color:#111}
table{border-collapse:collapse}th,td{padding:2px 8px;text-align:right}tr{border-bottom:1px solid #ddd}</style>`;

/** One output of a cell. Only HTML may hold more than meets the eye, and it is kept in a frame of its own. */
export function Output({ output, name }: { output: NotebookOutput; name: string }) {
  if (output.kind === "image")
    return (
      <div className="overflow-x-auto rounded-md bg-white p-2">
        <img src={`data:${output.mediaType};base64,${output.base64}`} alt={name} className="max-w-full" />
      </div>
    );
  if (output.kind === "html") return <Html html={output.html} name={name} />;
  if (output.kind === "error") return <Failure {...output} />;
  if (output.kind === "omitted")
    return (
      <p className="text-ink-3">
        {output.mediaType}, {formatBytes(output.sizeBytes)}: not shown here. Open the notebook in JupyterLab
        to see it.
      </p>
    );
  return (
    <>
      {output.kind === "markdown" ? (
        <Markdown text={output.text} heading="h2" />
      ) : (
        <Text
          text={output.text}
          tone={output.kind === "stream" && output.name === "stderr" ? "aside" : "plain"}
        />
      )}
      {output.cut && <p className="text-ink-3 text-xs">The rest is too long to be shown here.</p>}
    </>
  );
}

function Text({ text, tone }: { text: string; tone: "plain" | "aside" | "bad" }) {
  const colours = {
    plain: "",
    aside: "rounded-md bg-warn-soft p-2",
    bad: "rounded-md bg-bad-soft p-2 text-bad",
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
    <pre className={`max-h-[28rem] overflow-auto ${colours[tone]}`} tabIndex={0}>
      {text}
    </pre>
  );
}

function Failure({ name, message, traceback }: { name: string; message: string; traceback: string }) {
  return (
    <div className="flex flex-col gap-2">
      <p className="break-words rounded-md bg-bad-soft px-3 py-1.5 text-bad">
        <strong>{name}</strong>
        {message && `: ${message}`}
      </p>
      {traceback && (
        <details>
          <summary className="text-ink-2">Where it happened</summary>
          <Text text={traceback} tone="bad" />
        </details>
      )}
    </div>
  );
}

function Html({ html, name }: { html: string; name: string }) {
  const rows = html.match(/<tr[\s>]/gi)?.length ?? 0;
  const height = Math.min(HEIGHT_PX_MAX, Math.max(HEIGHT_PX_MIN, (rows + 1) * ROW_PX + 16));
  return (
    <SafePage
      html={STYLE + html}
      name={name}
      height={height}
      className="resize-y rounded-md border border-line"
    />
  );
}
