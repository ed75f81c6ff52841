import { spawn } from "node:child_process";
import { once } from "node:events";
import { freePort } from "../../../checks/src/needs/free-port.ts";
import { openChannel } from "./kernel.ts";
import { ask } from "./person.ts";
import { poll } from "./place.ts";

const OWN_TOKEN = "of-the-stock-server-alone";

/** Runs a cell through a stock Jupyter Server that has its kernels at `url`, as its option `--GatewayClient.url` makes it. */
export async function runThroughGateway(
  python: string,
  given: { url: string; token: string; folder: string; code: string },
): Promise<string> {
  const port = await freePort();
  const own = `http://127.0.0.1:${port}`;
  const headers = { authorization: `token ${OWN_TOKEN}`, "content-type": "application/json" };
  const args = [
    "--no-browser",
    `--port=${port}`,
    "--ServerApp.allow_root=True",
    `--ServerApp.root_dir=${given.folder}`,
  ];
  const child = spawn(python, ["-m", "jupyter_server", ...args, `--GatewayClient.url=${given.url}`], {
    stdio: "ignore",
    env: {
      ...process.env,
      JUPYTER_TOKEN: OWN_TOKEN,
      JUPYTER_GATEWAY_AUTH_SCHEME: "Bearer",
      JUPYTER_GATEWAY_AUTH_TOKEN: given.token,
    },
  });
  try {
    await poll(
      () => ask(`${own}/api/status`, { headers }).catch(() => ({ status: 0, text: "" })),
      ({ status }) => status === 200,
    );
    const started = await ask(`${own}/api/kernels`, { method: "POST", headers, body: '{"name":"python3"}' });
    if (started.status !== 201) throw new Error(`The gateway's kernel: ${started.status} ${started.text}`);
    const { id } = JSON.parse(started.text) as { id: string };
    const channel = await openChannel(`${own}/api/kernels/${id}/channels`, headers);
    const printed = await channel.run(given.code);
    channel.close();
    await ask(`${own}/api/kernels/${id}`, { method: "DELETE", headers });
    return printed;
  } finally {
    child.kill("SIGKILL");
    await once(child, "exit").catch(() => {});
  }
}
