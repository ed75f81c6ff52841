/** How the server is reached, which decides how strict the cookie can be. */
export type Connection = "encrypted" | "plain";

// With the prefix a browser takes the cookie from this very host only, and only when it came encrypted.
const NAMES: Record<Connection, string> = { encrypted: "__Host-atrium_session", plain: "atrium_session" };
const SECRET = /^[0-9A-Za-z]{43}$/;

/** The whole `Set-Cookie` value that carries a session; it ends with the session. */
export function sessionCookie(connection: Connection, secret: string, maxAgeMs: number): string {
  return cookie(connection, secret, Math.floor(maxAgeMs / 1000));
}

/** The `Set-Cookie` value that makes a browser forget its session. */
export function forgetCookie(connection: Connection): string {
  return cookie(connection, "", 0);
}

/** The session's secret in a `Cookie` header; `malformed` when our cookie holds something that we never set. */
export function readSessionCookie(connection: Connection, header: string): string | "malformed" | undefined {
  const name = NAMES[connection];
  for (const pair of header.split(";")) {
    const at = pair.indexOf("=");
    if (at < 0 || pair.slice(0, at).trim() !== name) continue;
    const value = pair.slice(at + 1).trim();
    return SECRET.test(value) ? value : "malformed";
  }
  return undefined;
}

function cookie(connection: Connection, value: string, maxAgeSeconds: number): string {
  const secure = connection === "encrypted" ? "; Secure" : "";
  return `${NAMES[connection]}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${maxAgeSeconds}${secure}`;
}
