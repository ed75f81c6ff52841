import { randomUUID } from "node:crypto";

const PATIENCE_MS = 180_000; // On two busy cores a kernel imports for a minute.

interface Message {
  header: { msg_type: string };
  parent_header: { msg_id?: string };
  content: { name?: string; text?: string; execution_state?: string; ename?: string; evalue?: string };
}

/** A kernel's channel, in the protocol's plain JSON form. https://jupyter-client.readthedocs.io/en/stable/messaging.html */
export interface Channel {
  /** Runs a cell and answers with what it printed. @throws Error with the exception's name */
  run(code: string): Promise<string>;
  /** Sends a cell and does not wait. */
  send(code: string): void;
  closed: Promise<void>;
  close(): void;
}

export async function openChannel(url: string, headers: Record<string, string>): Promise<Channel> {
  const session = randomUUID();
  const socket = new WebSocket(url.replace(/^http/, "ws"), { headers });
  const listeners = new Set<(message: Message) => void>();
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(String(data)) as Message;
    for (const listener of listeners) listener(message);
  };
  const closed = new Promise<void>((resolve) => {
    socket.onclose = () => resolve();
  });
  await new Promise<void>((resolve, reject) => {
    socket.onopen = () => resolve();
    socket.onerror = () => reject(new Error(`${url} did not open.`));
  });

  function send(code: string): string {
    const id = randomUUID();
    const header = {
      msg_id: id,
      msg_type: "execute_request",
      username: "",
      session,
      date: "",
      version: "5.3",
    };
    const content = { code, silent: false, store_history: true, allow_stdin: false, stop_on_error: true };
    socket.send(
      JSON.stringify({ channel: "shell", header, parent_header: {}, metadata: {}, content, buffers: [] }),
    );
    return id;
  }

  function run(code: string): Promise<string> {
    return new Promise((resolve, reject) => {
      let text = "";
      const timer = setTimeout(() => end(new Error(`The cell did not end: ${code}`)), PATIENCE_MS);
      const end = (failure?: Error): void => {
        clearTimeout(timer);
        listeners.delete(listen);
        if (failure === undefined) resolve(text);
        else reject(failure);
      };
      const id = send(code);
      const listen = ({ header, parent_header, content }: Message): void => {
        if (parent_header.msg_id !== id) return;
        if (header.msg_type === "stream" && content.name === "stdout") text += content.text ?? "";
        if (header.msg_type === "error") end(new Error(`${content.ename}: ${content.evalue}`));
        if (header.msg_type === "status" && content.execution_state === "idle") end();
      };
      listeners.add(listen);
      closed.then(() => end(new Error("The channel closed.")));
    });
  }

  return { run, send: (code) => void send(code), closed, close: () => socket.close() };
}
