import { join } from "node:path";
import { near } from "../engines/lib/values.ts";
import type { Checks } from "../faults/lib/checks.ts";
import type { Server } from "../lib/server.ts";
import { ask, deploy, own, python } from "./lib/atrium.ts";

const WANTED = [1.5, 2]; // 2a + b − n of the two rows that every form asks with.
const ROWS = [
  { a: 1, b: 0.5, n: 1 },
  { a: 2.5, b: 0, n: 3 },
];

/** Two endpoints of one model, and every form in which they can be asked. */
export async function clients(checks: Checks, server: Server): Promise<void> {
  const deployed = ["onnx", "pyfunc"].map(async (engine) => {
    await own(server, "POST /endpoints", { name: `by-${engine}` });
    const { number } = await deploy(server, `by-${engine}`, { model: `models:/plain-${engine}/1`, engine });
    checks.that(`a model is deployed as ${engine}`, number === 1, number);
  });
  await Promise.all(deployed);
  const found = JSON.parse(
    await python(server, [join(import.meta.dirname, "client.py"), "by-onnx", "by-pyfunc"]),
  );
  checks.that("tritonclient finds the server live and the model ready", found.live && found.ready, found);
  checks.that("it lists both", JSON.stringify(found.index) === '["by-onnx","by-pyfunc"]', found.index);
  checks.that("columns of a table are its inputs", found.columns.join() === "a,b,n", found.columns);
  for (const form of ["json", "binary", "gzip", "pyfunc json", "pyfunc binary"])
    checks.that(`tritonclient is answered: ${form}`, near(found[form], WANTED), found[form]);
  checks.that("what it asked is counted", found.answered >= 3, found.answered);
  checks.that("an unknown model is a 404 in words", found.unknown[0] === "404", found.unknown);
  await mlflow(checks, server);
  for (const name of ["by-onnx", "by-pyfunc"]) await forms(checks, server, name);
}

async function mlflow(checks: Checks, server: Server): Promise<void> {
  const program = join(import.meta.dirname, "mlflow_client.py");
  const found = JSON.parse(await python(server, [program, "by-onnx", "by-pyfunc"]));
  for (const name of ["by-onnx", "by-pyfunc"]) {
    checks.that(`mlflow's scoring client finds ${name}`, /^\d+\.\d+/.test(found[`${name} version`]), found);
    for (const form of ["frame", "deployments"])
      checks.that(`it is answered: ${name} ${form}`, near(found[`${name} ${form}`], WANTED), found);
  }
  checks.that("an array is a matrix's", near(found["by-onnx array"], WANTED), found["by-onnx array"]);
  checks.that(
    "or refused in words",
    /error code 400/.test(found["by-pyfunc array"]),
    found["by-pyfunc array"],
  );
  checks.that(
    "mlflow's deployments client lists both",
    found.endpoints.join() === "by-onnx,by-pyfunc",
    found,
  );
  checks.that("with where to ask", found.endpoint.endsWith("/endpoints/by-onnx/invocations"), found.endpoint);
}

async function forms(checks: Checks, server: Server, name: string): Promise<void> {
  const columns = ["a", "b", "n"];
  const data = ROWS.map((row) => Object.values(row));
  const bodies: [string, object][] = [
    ["dataframe_split", { dataframe_split: { columns, data } }],
    ["dataframe_records", { dataframe_records: ROWS }],
    ["instances", { instances: ROWS }],
    ["inputs", { inputs: { a: [1, 2.5], b: [0.5, 0], n: [1, 3] } }],
  ];
  for (const [form, body] of bodies) {
    const answer = await ask(server, `POST /serving/${name}/invocations`, body);
    const right = answer.status === 200 && near(answer.body.predictions?.flat() ?? [], WANTED);
    checks.that(`${name} answers ${form}`, right, answer.body);
  }
  const csv = await ask(server, `POST /serving/${name}/invocations`, "a,b,n\n1,0.5,1\n2.5,0,3\n", {
    "content-type": "text/csv",
  });
  checks.that(`${name} answers csv`, near(csv.body.predictions?.flat() ?? [], WANTED), csv.body);
  const { status } = await ask(server, `GET /serving/${name}/ping`);
  checks.that(`${name} answers ping`, status === 200, status);
  const predicted = await ask(server, `POST /serving/${name}/predict`, { instances: ROWS });
  const values = predicted.body.predictions?.map((one: { prediction: number }) => one.prediction) ?? [];
  checks.that(`${name} predicts with ids`, near(values, WANTED), predicted.body);
  const { example } = await own(server, `GET /endpoints/${name}`);
  const again = await ask(server, `POST /serving/${name}/predict`, example ?? {});
  checks.that(`${name} shows an example that works`, again.status === 200, { example, said: again.body });
}
