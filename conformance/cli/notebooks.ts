import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ask } from "../faults/lib/client.ts";
import { EXIT_FAILURE, type Items, type Walk } from "./lib/walk.ts";

interface JupyterServer {
  id: string;
  state: string;
  url: string;
}

/** A notebook runs as a job; a Jupyter server is started, answers at the address that is printed, and is stopped. */
export async function notebooks(walk: Walk): Promise<void> {
  await runsAsJob(walk);
  await startsAndStops(walk);
}

async function runsAsJob({ checks, home, json, atrium, own }: Walk): Promise<void> {
  const file = join(home, "report.ipynb");
  const cells = [code("rounds = 1", ["parameters"]), code("print('sum', sum(range(rounds)))"), code("6 * 7")];
  writeFileSync(file, notebook(cells));
  const ended = await atrium(["notebooks", "run", file, "-p", "rounds=5,region=north"]);
  checks.that(
    "notebooks run sends a file, runs it with its parameters and prints what its cells print",
    ended.code === 0 && /^sum 10$/m.test(ended.stdout),
    ended,
  );
  const listed = await json<Items<{ path: string; kind: string }>>("notebooks list");
  checks.that(
    "notebooks list has it",
    listed?.items.some(({ path }) => path === "report.ipynb") === true,
    listed,
  );
  const { items } = (await own("GET /notebooks/runs?path=report.ipynb")).json as Items<{ id: string }>;
  const drawn = await own(`GET /notebooks/runs/${items[0]?.id}/document`);
  checks.that(
    "and its run is kept cell by cell",
    /"sum 10\\n"/.test(drawn.text) && /42/.test(drawn.text),
    drawn,
  );

  const wrong = join(home, "wrong.ipynb");
  writeFileSync(wrong, notebook([code("1 / 0"), code("print('not reached')")]));
  const failing = await atrium(["notebooks", "run", wrong]);
  checks.that(
    "a notebook whose cell fails is said to, and goes no further",
    failing.code === EXIT_FAILURE &&
      /ZeroDivisionError/.test(failing.stdout) &&
      !/not reached/.test(failing.stdout),
    failing,
  );
  const detached = await json<{ jobId: string }>("notebooks run", "report.ipynb", "--detach");
  const job = await atrium(["jobs", "logs", "-f", detached?.jobId ?? ""]);
  checks.that("notebooks run --detach leaves a job of the project's own file", job.code === 0, job);
}

async function startsAndStops({ checks, server, json, atrium, note }: Walk): Promise<void> {
  note("notebooks start");
  const started = await atrium(["notebooks", "start"], {}, { timeoutMs: START_MS });
  const url = started.stdout.trim();
  const answers = async () => {
    const { origin, pathname } = new URL(url);
    return ask({ url: origin, token: server.token }, { path: pathname });
  };
  const page = started.code === 0 ? await answers() : undefined;
  checks.that(
    "notebooks start prints one address, at which JupyterLab answers",
    page?.status === 200 && /<title>JupyterLab<\/title>/.test(page.text),
    { started, page },
  );
  const listed = await json<Items<JupyterServer>>("notebooks list", "--servers");
  const again = await json<JupyterServer>("notebooks start");
  checks.that(
    "a second start is the same server",
    listed?.items.length === 1 &&
      listed.items[0]?.state === "running" &&
      again?.id === listed.items[0].id &&
      again.url === url,
    { listed, again, url },
  );
  const stopped = await json<JupyterServer>("notebooks stop");
  let state = "stopping";
  while (state === "stopping")
    state = (await json<Items<JupyterServer>>("notebooks list", "--servers"))?.items[0]?.state ?? "";
  const gone = await answers();
  checks.that(
    "notebooks stop ends it",
    stopped?.id === again?.id && state === "stopped" && !/<title>JupyterLab<\/title>/.test(gone.text),
    { stopped, state, gone },
  );
}

const START_MS = 9 * 60_000; // Where its packages were never installed, that comes first.

function notebook(cells: readonly object[]): string {
  const metadata = { kernelspec: { name: "python3", display_name: "Python 3" } };
  return JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata, cells });
}

function code(source: string, tags: readonly string[] = []): object {
  const id = Buffer.from(source).toString("hex").slice(0, 32);
  return { cell_type: "code", id, metadata: { tags }, execution_count: null, outputs: [], source };
}
