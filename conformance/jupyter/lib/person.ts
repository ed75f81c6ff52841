import { request } from "node:http";

const ANSWER_MS = 60_000;

/** Somebody who is signed in, as a browser holds it. */
export interface Person {
  id: string;
  cookie: string;
  session: { name: string; value: string };
}

export interface Answer {
  status: number;
  text: string;
}

/** Asks with all headers of the caller's own, which `fetch` does not allow; also over a Unix socket. */
export function ask(
  url: string,
  given: { method?: string; headers?: Record<string, string>; body?: string; socketPath?: string } = {},
): Promise<Answer> {
  const { body, socketPath, ...rest } = given;
  return new Promise((resolve, reject) => {
    const { pathname, search } = new URL(url);
    const where = socketPath === undefined ? {} : { socketPath, path: pathname + search };
    const asked = request(url, { ...rest, ...where, agent: false, timeout: ANSWER_MS }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (piece: string) => {
        text += piece;
      });
      answer.once("end", () => resolve({ status: answer.statusCode ?? 0, text }));
    });
    asked.once("upgrade", (answer, socket) => {
      socket.destroy();
      resolve({ status: answer.statusCode ?? 0, text: "" });
    });
    asked.once("timeout", () => asked.destroy(new Error("It took too long.")));
    asked.once("error", reject);
    asked.end(body);
  });
}

/** Invites somebody as an editor of the default project, and accepts as their browser would. */
export async function signUp(at: { url: string; token: string }, name: string): Promise<Person> {
  const { url, token } = at;
  const api = `${url}/api/atrium/v1`;
  const json = { "content-type": "application/json" };
  const project = JSON.parse(
    (await ask(`${api}/projects/default`, { headers: { authorization: `Bearer ${token}` } })).text,
  ) as { id: string };
  const grants = [{ roleId: "editor", place: { kind: "project", projectId: project.id } }];
  const invited = await ask(`${api}/invitations`, {
    method: "POST",
    headers: { ...json, authorization: `Bearer ${token}` },
    body: JSON.stringify({ email: `${name}@example.org`, grants }),
  });
  const { path } = JSON.parse(invited.text) as { path: string };
  const accepted = await fetch(`${api}/invitations/accept`, {
    method: "POST",
    headers: { ...json, origin: url },
    body: JSON.stringify({
      code: path.split("#link=")[1],
      displayName: name,
      password: `${name} has twelve umbrellas`,
    }),
  });
  const cookie = (accepted.headers.getSetCookie()[0] ?? "").split(";")[0] ?? "";
  const [sessionName = "", value = ""] = cookie.split("=");
  const { userId: id } = (await accepted.json()) as { userId: string };
  return { id, cookie, session: { name: sessionName, value } };
}
