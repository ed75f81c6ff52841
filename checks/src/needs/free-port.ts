import { createServer } from "node:net";

/** A port of the loopback that nobody listens at; whoever asks binds it soon, before another program does. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => probe.once("listening", resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === "string") throw new Error("A port was asked for.");
  return address.port;
}
