import type { NotebookServer } from "@atrium/contract/notebooks";

const AGAIN_SECONDS = 1;

/** What stands where JupyterLab will be: it asks again by itself while the server starts, and needs no script. */
export function waitingPage(server: NotebookServer | undefined, startPath: string): string {
  const waits = server?.state === "starting" || server?.state === "stopping";
  const again = waits ? `<meta http-equiv="refresh" content="${AGAIN_SECONDS}">` : "";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
${again}
<title>${waits ? "Starting" : "Notebook server"}</title>
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { display: grid; place-items: center; min-height: 90vh; margin: 0; }
main { max-width: 28rem; padding: 1rem; }
progress { width: 100%; }
button { font: inherit; padding: .4rem 1rem; }
</style>
</head>
<body>
<main>
<h1>${waits ? "Your notebook server starts" : "Your notebook server does not run"}</h1>
<p role="status">${escaped(server?.step ?? "It was not started yet.")} ${escaped(server?.reason ?? "")}</p>
${waits ? '<progress aria-label="Starting"></progress>' : `<form method="post" action="${escaped(startPath)}"><button>Start it</button></form>`}
</main>
</body>
</html>
`;
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
