import type { Checks } from "../faults/lib/checks.ts";
import { CLI, run } from "../faults/lib/program.ts";
import type { Server } from "../lib/server.ts";

/** The commands of endpoints in their good ways; conformance/cli walks those in which they refuse. */
export async function commands(checks: Checks, server: Server): Promise<void> {
  const atrium = async (...args: string[]) => {
    const settings = { ATRIUM_URL: server.url, ATRIUM_TOKEN: server.token };
    const { code, stdout, stderr } = await run({ args: [CLI, ...args], settings });
    return { code, stdout, stderr };
  };
  const json = async (...args: string[]) => {
    const ended = await atrium(...args, "--json");
    if (ended.code === 0) return JSON.parse(ended.stdout);
    checks.that(`atrium ${args.join(" ")} ends with 0`, false, ended);
    return undefined;
  };
  const model = "models:/plain-onnx/1";
  const first = await atrium("deploy", "by-hand", "--model", model);
  checks.that(
    "deploy makes the endpoint and says when it is ready",
    first.stdout === "Deployment 1 of by-hand is ready.\n",
    first,
  );
  const second = await json("deploy", "by-hand", "--model", model, "--engine", "onnx", "--weight", "10");
  checks.that("a second one takes its share", second?.number === 2 && second?.weight === 10, second);
  const asked = await json("predict", "by-hand", "--instances", '{"a": 1, "b": 0.5, "n": 1}');
  checks.that("predict answers", Math.abs(asked?.predictions[0]?.prediction - 1.5) < 1e-5, asked);
  const example = await atrium("predict", "by-hand");
  checks.that(
    "without instances by the example",
    example.code === 0 && /SERVED BY/.test(example.stdout),
    example,
  );
  const listed = await json("endpoints", "list");
  const own = listed?.items.find(({ name }: { name: string }) => name === "by-hand");
  checks.that("endpoints list has it", own?.state === "ready" && own?.routes.length === 2, own);
  const moved = await json("endpoints", "traffic", "by-hand", "1=30", "2=70");
  const weights = moved?.deployments.map(({ number, weight }: Deployed) => `${number}=${weight}`).sort();
  checks.that("endpoints traffic divides it", weights?.join() === "1=30,2=70", weights);
  const back = await json("endpoints", "rollback", "by-hand");
  const before = back?.deployments.map(({ number, weight }: Deployed) => `${number}=${weight}`).sort();
  checks.that("endpoints rollback goes back", before?.join() === "1=90,2=10", before);
  const shown = await atrium("endpoints", "show", "by-hand");
  checks.that("endpoints show shows both", /90 %/.test(shown.stdout) && /10 %/.test(shown.stdout), shown);
}

interface Deployed {
  number: number;
  weight: number;
}
