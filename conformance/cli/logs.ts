import { EXIT_FAILURE, EXIT_USAGE, type Items, untilPrinted, type Walk } from "./lib/walk.ts";

interface Line {
  message: string;
}

/** Lines of the server and of jobs are found, and followed while they come. */
export async function logs(walk: Walk): Promise<void> {
  const { checks, json, atrium, launch } = walk;
  const lines = await json<Items<Line>>("logs", "--instance", "--since", "1h");
  checks.that("logs finds the server's own lines", (lines?.items.length ?? 0) > 0, lines);
  await print(walk, "before the following");
  const following = launch(["logs", "-f", "following", "--json"]);
  await untilPrinted(following, /before the following/);
  await print(walk, "while following");
  await untilPrinted(following, /while following/);
  await print(walk, "something else");
  await print(walk, "the last of following");
  await untilPrinted(following, /the last of following/);
  following.signal("SIGINT");
  const { stdout } = await following.ended;
  const told = stdout
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as Line).message);
  checks.that(
    "logs -f prints what was there and what comes, each once, and what has the words alone",
    told.join() === "before the following,while following,the last of following",
    told,
  );
  const endless = await atrium(["logs", "-f", "--until", "1h"]);
  checks.that("logs -f has no end in time", endless.code === EXIT_USAGE, endless);
}

/** The last thing that is done to a server. */
export async function logsEndWithTheServer({ checks, launch, server }: Walk): Promise<void> {
  const following = launch(["logs", "-f", "following"]);
  await untilPrinted(following, /while following/);
  await server.stop();
  const { code, stderr } = await following.ended;
  checks.that(
    "logs -f of a server that stops ends and says so in one line",
    code === EXIT_FAILURE && /^atrium: .*\n$/.test(stderr),
    { code, stderr },
  );
}

async function print({ own }: Walk, message: string): Promise<void> {
  const id = message.replaceAll(" ", "-");
  await own("POST /jobs", { id, name: id, command: ["echo", message], limits: { memoryMiB: 64 } });
}
