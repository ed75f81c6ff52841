import { connect, type Socket } from "node:net";

/** One request, asked again and again over kept connections. */
export interface Asked {
  url: string;
  headers?: Readonly<Record<string, string>>;
  body: Buffer;
}

export interface Measured {
  perSecond: number;
  /** Milliseconds from the sending of a request to the last byte of its answer. */
  p50: number;
  p99: number;
  answers: number;
}

const HEAD_END = Buffer.from("\r\n\r\n");

/**
 * Asks over so many connections for so long, each again when it is answered. Requests are written as bytes that stand ready and
 * answers are only counted, so that the load costs less than what it measures.
 * @throws Error on any answer but 200
 */
export async function load(asked: Asked, connections: number, seconds: number): Promise<Measured> {
  const { hostname, port, pathname } = new URL(asked.url);
  const lines = [
    `POST ${pathname} HTTP/1.1`,
    `host: ${hostname}:${port}`,
    "content-type: application/json",
    ...Object.entries(asked.headers ?? {}).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${asked.body.length}`,
  ];
  const request = Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`), asked.body]);
  const times: number[] = [];
  const begun = performance.now();
  const end = begun + seconds * 1000;
  await Promise.all(
    Array.from({ length: connections }, () => caller({ hostname, port: Number(port), request, end, times })),
  );
  const took = performance.now() - begun;
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  return { perSecond: (times.length * 1000) / took, p50: at(0.5), p99: at(0.99), answers: times.length };
}

interface Caller {
  hostname: string;
  port: number;
  request: Buffer;
  end: number;
  times: number[];
}

function caller({ hostname, port, request, end, times }: Caller): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ host: hostname, port, noDelay: true });
    let sent = 0;
    let held: Buffer = Buffer.alloc(0);
    const ask = () => {
      sent = performance.now();
      socket.write(request);
    };
    socket.once("connect", ask);
    socket.once("error", reject);
    socket.on("data", (piece: Buffer) => {
      held = held.length === 0 ? piece : Buffer.concat([held, piece]);
      const head = held.indexOf(HEAD_END);
      if (head < 0) return;
      const text = held.toString("latin1", 0, head);
      const length = Number(/content-length: *(\d+)/i.exec(text)?.[1] ?? Number.NaN);
      if (!text.startsWith("HTTP/1.1 200 ") || Number.isNaN(length)) {
        socket.destroy();
        reject(new Error(`It answered: ${held.toString("latin1", 0, 1000)}`));
        return;
      }
      if (held.length < head + HEAD_END.length + length) return;
      held = Buffer.alloc(0);
      const now = performance.now();
      times.push(now - sent);
      if (now < end) ask();
      else {
        socket.end();
        resolve();
      }
    });
  });
}
