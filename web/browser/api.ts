import type { Place } from "./place.ts";

/** Requests in flight at once: the server commits what waits together, so a crowd is served faster than a queue. */
const LANES = 64;

export type Api = ReturnType<typeof createApi>;

/** The server as a program sees it: our own API and the mlflow client's routes. */
export function createApi(url: string, token: string) {
  return { ours, inProject, upload, all, invite, accept };

  async function send(method: string, path: string, body?: unknown): Promise<Response> {
    const raw = body instanceof Uint8Array;
    const answer = await fetch(url + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined
          ? {}
          : { "content-type": raw ? "application/octet-stream" : "application/json" }),
      },
      ...(body === undefined ? {} : { body: raw ? new Blob([new Uint8Array(body)]) : JSON.stringify(body) }),
    });
    if (!answer.ok)
      throw new Error(`${method} ${path}: ${answer.status} ${(await answer.text()).slice(0, 300)}`);
    return answer;
  }

  /** `path` below `/api/atrium/v1`. */
  async function ours<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await send(method, `/api/atrium/v1${path}`, body);
    return (await answer.json()) as T;
  }

  /** The same in a project, and what the mlflow client does there: `path` below `/api/2.0/mlflow`. */
  function inProject(project: string) {
    return {
      ours: async <T>(method: string, path: string, body?: unknown): Promise<T> => {
        const answer = await send(method, `/p/${project}/api/atrium/v1${path}`, body);
        return (await answer.json()) as T;
      },
      mlflow: async <T>(path: string, body: unknown, method = "POST"): Promise<T> => {
        const answer = await send(method, `/p/${project}/api/2.0/mlflow${path}`, body);
        return (await answer.json()) as T;
      },
    };
  }

  async function upload(project: string, path: string, bytes: Uint8Array): Promise<void> {
    await send("PUT", `/p/${project}/api/2.0/mlflow-artifacts/artifacts/${path}`, bytes);
  }

  /** Does something for each of the items, several at once. */
  async function all<T>(
    items: readonly T[],
    each: (item: T, index: number) => Promise<unknown>,
  ): Promise<void> {
    let next = 0;
    const lane = async () => {
      while (next < items.length) {
        const index = next++;
        await each(items[index] as T, index);
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
  }

  async function invite(email: string): Promise<string> {
    const grants = [{ roleId: "owner", place: { kind: "instance" } }];
    const { path } = await ours<{ path: string }>("POST", "/invitations", { email, grants });
    return path;
  }

  /** Takes an invitation as a browser would, and answers with the session's cookie. */
  async function accept(link: string, person: Omit<Place["person"], "email">): Promise<Place["session"]> {
    const answer = await fetch(`${url}/api/atrium/v1/invitations/accept`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: url },
      body: JSON.stringify({
        code: link.split("#link=")[1],
        displayName: person.displayName,
        password: person.password,
      }),
    });
    if (!answer.ok) throw new Error(`accept: ${answer.status} ${await answer.text()}`);
    const [name = "", value = ""] = (answer.headers.getSetCookie()[0] ?? "").split(";")[0]?.split("=") ?? [];
    return { name, value };
  }
}
