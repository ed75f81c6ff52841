import type { Checks } from "../faults/lib/checks.ts";
import type { Server } from "../lib/server.ts";
import { ask, deploy, own, until } from "./lib/atrium.ts";

const CALLERS = 4;
const SWITCHES = 6;
const BODY = { instances: [{ a: 1, b: 0.5, n: 1 }] };

/** Routing changes under load, and what may not become part of it. */
export async function releases(checks: Checks, server: Server): Promise<void> {
  await own(server, "POST /endpoints", { name: "moving" });
  const first = await deploy(server, "moving", { model: "models:/plain-onnx/1" });
  const load = startLoad(server);
  const second = await deploy(server, "moving", { model: "models:/plain-onnx/1" });
  const seen = await load.until(String(second.number));
  checks.that("a deployment takes all traffic once it is ready", seen === String(second.number), seen);
  const wrong: unknown[] = [];
  for (let turn = 0; turn < SWITCHES; turn += 1) {
    const to = turn % 2 === 0 ? first : second;
    await own(server, "PUT /endpoints/moving/traffic", { routes: [{ deployment: to.id, weight: 100 }] });
    const answers = await Promise.all(Array.from({ length: CALLERS }, () => predict(server)));
    wrong.push(...answers.filter(({ body }) => body.deployment !== String(to.number)));
  }
  checks.that("what is asked after a switch is answered by the new routing", wrong.length === 0, wrong[0]);
  const back = await own(server, "POST /endpoints/moving/rollback", {});
  checks.that("a rollback goes one step back", back.routes[0]?.deployment === first.id, back.routes);
  await broken(checks, server);
  const { statuses } = await load.end();
  const failed = statuses.filter((status) => status !== 200);
  checks.that("no request failed while the routing moved", failed.length === 0 && statuses.length > 50, {
    asked: statuses.length,
    failed,
  });
  const { items } = await own(server, "GET /endpoints/moving/revisions?pageSize=50");
  const whys = items.map(({ why }: { why: string }) => why);
  checks.that(
    "every routing is kept, newest first",
    items.length === SWITCHES + 3 && whys[0] === "rolled-back" && whys.at(-1) === "deployed",
    whys,
  );
  await own(server, "DELETE /endpoints/moving");
}

/** A model that fails on its own example takes no traffic. */
async function broken(checks: Checks, server: Server): Promise<void> {
  const { id } = await own(server, "POST /endpoints/moving/deployments", { model: "models:/scripted/2" });
  const look = async () =>
    (await own(server, "GET /endpoints/moving")).deployments.find((one: { id: string }) => one.id === id);
  const found = await until(look, ({ state }) => state === "failed" || state === "ready");
  checks.that(
    "a model that fails on its own example is not deployed, and says so in its own words",
    found.state === "failed" && /this word is not for me/.test(found.reason),
    found,
  );
  const traffic = await ask(server, "PUT /api/atrium/v1/endpoints/moving/traffic", {
    routes: [{ deployment: id, weight: 100 }],
  });
  checks.that("and can be given no traffic", traffic.status === 409, traffic.body);
}

function predict(server: Server) {
  return ask(server, "POST /serving/moving/predict", BODY);
}

/** Callers that ask again and again. */
function startLoad(server: Server) {
  const statuses: number[] = [];
  let newest: string | undefined;
  let goesOn = true;
  const callers = Array.from({ length: CALLERS }, async () => {
    while (goesOn) {
      const { status, body } = await predict(server);
      statuses.push(status);
      newest = body.deployment;
    }
  });
  return {
    until: (deployment: string) =>
      until(
        async () => newest,
        (seen) => seen === deployment,
      ),
    async end() {
      goesOn = false;
      await Promise.all(callers);
      return { statuses };
    },
  };
}
