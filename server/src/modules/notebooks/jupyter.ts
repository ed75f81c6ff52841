import { createHmac } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { z } from "zod";
import type { Clock } from "#lib/clock";
import { IDENTITY_MS } from "./limits.ts";
import type { ServerRow } from "./tables.ts";

const ASK_MS = 2000; // Its event loop may be busy with somebody's large notebook; a page asks again.
const ANSWER_CHARACTERS_MAX = 64 * 1024;

/** The header by which a Jupyter server knows who asks; see python/atrium_notebooks/identity.py. */
export const IDENTITY_HEADER = "x-atrium-identity";

const activity = z.object({
  activeMs: z.number(),
  stopsMs: z.number().nullable(),
  kernels: z.number().int(),
  busyKernels: z.number().int(),
});
export type Activity = z.output<typeof activity>;

interface Person {
  user: string;
  name: string;
  /** Programs send a token, which no page can make a browser do; a session's requests are checked against forgery. */
  by: "session" | "token";
}

/** Running Jupyter servers, by their sockets. */
export interface Jupyter {
  socketFolder(serverId: string): string;
  socketPath(serverId: string): string;
  /** Below which address the server answers; ends with a slash. */
  baseUrl(server: Pick<ServerRow, "project_id" | "user_id">): string;
  /** The key of one server, from which nothing about another's follows. */
  key(serverId: string): Promise<Buffer>;
  /** What the header says of someone; it holds for a minute, for this server alone. */
  vouch(serverId: string, person: Person): Promise<string>;
  /** Undefined when it does not answer. */
  activity(server: ServerRow): Promise<Activity | undefined>;
  prepare(): Promise<void>;
  forget(serverId: string): Promise<void>;
}

export function createJupyter(deps: {
  clock: Clock;
  socketsDirectory: string;
  instanceKey(): Promise<Buffer>;
}): Jupyter {
  const { clock, socketsDirectory, instanceKey } = deps;
  const socketFolder = (id: string) => join(socketsDirectory, id);
  const socketPath = (id: string) => join(socketFolder(id), "server.sock");
  const baseUrl: Jupyter["baseUrl"] = ({ project_id, user_id }) => `/p/${project_id}/user/${user_id}/`;
  const key = async (id: string) =>
    createHmac("sha256", await instanceKey())
      .update(`notebook server ${id}`)
      .digest();

  const vouch: Jupyter["vouch"] = async (id, person) => {
    const claims = { ...person, expiresSeconds: Math.ceil((clock.now() + IDENTITY_MS) / 1000) };
    const payload = Buffer.from(JSON.stringify(claims)).toString("base64url");
    const signature = createHmac("sha256", await key(id))
      .update(payload)
      .digest("hex");
    return `${payload}.${signature}`;
  };

  return {
    ...{ socketFolder, socketPath, baseUrl, key, vouch },
    async activity(server) {
      const identity = await vouch(server.id, { user: server.user_id, name: "Atrium", by: "token" });
      const text = await ask({
        socketPath: socketPath(server.id),
        path: `${baseUrl(server)}atrium/activity`,
        headers: { [IDENTITY_HEADER]: identity },
      });
      const parsed = activity.safeParse(text);
      return parsed.success ? parsed.data : undefined;
    },
    async prepare() {
      await mkdir(socketsDirectory, { recursive: true, mode: 0o700 });
    },
    forget: (id) => rm(socketFolder(id), { recursive: true, force: true }),
  };
}

/** A small answer in JSON; undefined for anything else. */
function ask(where: { socketPath: string; path: string; headers: Record<string, string> }): Promise<unknown> {
  return new Promise((resolve) => {
    const asked = request({ ...where, timeout: ASK_MS }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (piece: string) => {
        text += piece;
        if (text.length > ANSWER_CHARACTERS_MAX) asked.destroy();
      });
      answer.once("close", () => resolve(answer.statusCode === 200 ? parse(text) : undefined));
    });
    asked.once("timeout", () => asked.destroy());
    asked.once("error", () => resolve(undefined));
    asked.end();
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
