import { existsSync, openAsBlob } from "node:fs";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Given } from "@atrium/contract/http";
import { type NotebookServer, notebooksApi } from "@atrium/contract/notebooks";
import { command } from "../lib/command.ts";
import { Failure, UsageError } from "../lib/failure.ts";
import { type Output, table, time } from "../lib/output.ts";
import { readPages } from "../lib/pages.ts";
import type { Server } from "../lib/server.ts";
import { limitOf } from "../lib/values.ts";
import { followJob } from "./jobs.ts";

const LOOK_EVERY_MS = 1000;

const start = command({
  name: "notebooks start",
  summary: "Start your Jupyter server in the project, wait until it answers, and print its address.",
  words: [],
  flags: {
    with: { value: "PACKAGES", help: "what kernels have besides, such as polars==1.30,duckdb" },
    detach: { short: "d", help: "print the address at once; its page waits for the server" },
  },
  async run({ flags, server, output }) {
    const at = server();
    const requirements = (flags.with ?? "").split(",").filter(Boolean);
    const started = await at.call(notebooksApi.startServer, { body: { requirements }, project: at.project });
    const ready = flags.detach ? started : await untilReady(at, started, output);
    output.show({ json: { ...ready, url: at.url + ready.url }, lines: [at.url + ready.url] });
  },
});

const stop = command({
  name: "notebooks stop",
  summary: "Stop your Jupyter server in the project; what was saved is kept.",
  words: [],
  flags: {},
  async run({ server, output }) {
    const at = server();
    const stopped = await at.call(notebooksApi.stopServer, { project: at.project });
    output.show({ json: stopped, lines: [`Server ${stopped.id} ${stopped.state}`] });
  },
});

const list = command({
  name: "notebooks list",
  summary: "List the project's notebooks and the files beside them, or everybody's Jupyter servers.",
  words: [],
  flags: {
    servers: { help: "list Jupyter servers" },
    limit: { value: "N", help: "at most so many (default 50)" },
  },
  async run({ flags, server, output }) {
    const at = server();
    const limit = limitOf(flags.limit);
    if (flags.servers) {
      const items = await readPages(limit, (page) =>
        at.call(notebooksApi.listServers, { query: page, project: at.project }),
      );
      const rows = items.map((one) => [
        one.userName,
        one.state,
        one.kernels,
        time(one.startedMs),
        one.reason,
      ]);
      output.show({
        json: { items },
        lines: table(["WHOSE", "STATE", "KERNELS", "STARTED", "REASON"], rows),
      });
      return;
    }
    const items = await readPages(limit, (page) =>
      at.call(notebooksApi.listFiles, { query: { ...page, below: "all" }, project: at.project }),
    );
    const rows = items.map((one) => [one.path, one.kind, one.version, time(one.modifiedMs), one.modifiedBy]);
    output.show({ json: { items }, lines: table(["PATH", "KIND", "VERSION", "CHANGED", "BY"], rows) });
  },
});

const run = command({
  name: "notebooks run",
  summary: "Run a notebook of the project, or a file of yours that is sent first, as a job.",
  words: ["FILE"],
  flags: {
    parameters: {
      value: "NAME=VALUE,…",
      short: "p",
      help: "set in a cell behind the one tagged `parameters`",
    },
    with: { value: "PACKAGES", help: "what it has besides the platform's clients" },
    detach: { short: "d", help: "do not wait; print the run's id" },
  },
  async run({ words: [file = ""], flags, server, output }) {
    const at = server();
    const path = existsSync(file) ? basename(file) : file;
    if (existsSync(file)) {
      await at.sendFile(
        notebooksApi.putFile,
        { query: { path }, project: at.project },
        await openAsBlob(file),
      );
    }
    const body = {
      path,
      parameters: parametersOf(flags.parameters),
      requirements: (flags.with ?? "").split(",").filter(Boolean),
    };
    const started = await at.call(notebooksApi.startRun, { body, project: at.project });
    if (flags.detach) {
      output.show({ json: started, lines: [started.id] });
      return;
    }
    output.say(
      `Run ${started.id} of ${path} version ${started.version}: ${at.url}/p/${at.project}/compute/jobs/${started.jobId}`,
    );
    await followJob(at, started.jobId, output);
  },
});

/** Every command of notebooks. */
export const notebookCommands = [start, stop, list, run];

async function untilReady(at: Server, started: NotebookServer, output: Output): Promise<NotebookServer> {
  let said = "";
  for (let now = started; ; ) {
    if (now.state === "running") return now;
    if (now.state !== "starting") throw new Failure(`It did not start: ${now.reason ?? now.step}`);
    if (now.step !== said) output.say(now.step);
    said = now.step;
    await sleep(LOOK_EVERY_MS);
    now = await at.call(notebooksApi.getServer, { project: at.project });
  }
}

type Parameters = NonNullable<Given<typeof notebooksApi.startRun.body>["parameters"]>;

/** `rounds=3,name=north`: what reads as JSON is taken as such, all else as text. @throws UsageError */
function parametersOf(given: string | undefined): Parameters {
  const parameters: Parameters = {};
  for (const pair of (given ?? "").split(/,(?=[A-Za-z_]\w*=)/).filter(Boolean)) {
    const at = pair.indexOf("=");
    if (at < 1) throw new UsageError(`'${pair}' is no parameter; write it like rounds=3`);
    parameters[pair.slice(0, at)] = valueIn(pair.slice(at + 1));
  }
  return parameters;
}

function valueIn(text: string): Parameters[string] {
  try {
    return JSON.parse(text) as Parameters[string];
  } catch {
    return text;
  }
}
