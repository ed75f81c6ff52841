import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";

const WEB_FOLDER = join(import.meta.dirname, "../../../../web/dist");

// Scripts come from us alone. Styles may be inline: the accessible primitives set positions that way.
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "frame-src 'self' blob:",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

/** Headers that every answer carries, whoever asked for it. */
export function securityHeaders(encrypted: boolean): readonly (readonly [name: string, value: string])[] {
  return [
    ["content-security-policy", PAGE_POLICY],
    ["x-content-type-options", "nosniff"],
    ["referrer-policy", "same-origin"],
    ["cross-origin-opener-policy", "same-origin"],
    ["cross-origin-resource-policy", "same-origin"],
    ...(encrypted ? ([["strict-transport-security", "max-age=31536000"]] as const) : []),
  ];
}

/** Each where the route has not set its own. */
export function addSecurityHeaders(
  app: FastifyInstance,
  headers: readonly (readonly [name: string, value: string])[],
): void {
  app.addHook("onSend", async (_request, reply, payload) => {
    for (const [name, value] of headers) if (!reply.hasHeader(name)) reply.header(name, value);
    return payload;
  });
}

/** The web UI: files that carry a hash in their name are kept for ever, the page itself is asked for anew. */
export async function mountWeb(app: FastifyInstance): Promise<void> {
  const built = existsSync(join(WEB_FOLDER, "index.html"));
  if (!built) {
    app.get("/", { config: { permission: "public" } }, async (_, reply) =>
      reply.code(404).type("text/plain").send("The web UI is not built; start with ./atrium up.\n"),
    );
    return;
  }
  await app.register(async (scope) => {
    scope.addHook("onRoute", (route) => {
      route.config = { ...route.config, permission: "public" };
    });
    await scope.register(fastifyStatic, {
      root: WEB_FOLDER,
      // A route a file, and none for everything: what is not there is told by the protocol whose address it would be.
      wildcard: false,
      cacheControl: false,
      setHeaders: (reply, path) => {
        reply.header(
          "cache-control",
          path.includes("/assets/") ? "public, max-age=31536000, immutable" : "no-cache",
        );
      },
    });
  });
}

/** The one page that the browser's router gives its meaning; undefined when the UI is not built. */
export function readPage(): Buffer | undefined {
  const file = join(WEB_FOLDER, "index.html");
  return existsSync(file) ? readFileSync(file) : undefined;
}

const PAGES =
  /^\/(?!api\/|ajax-api\/|v1\/|v2\/|apis\/|prometheus\/|loki\/|feast\/|serving\/|user\/|hub\/|assets\/)/;

/** True for an address that the browser's router, not the server, gives a meaning. */
export function isPage(method: string, url: string, accept: string | undefined): boolean {
  const path = url.split("?", 1)[0] ?? "/";
  return method === "GET" && PAGES.test(path) && !path.includes(".") && (accept ?? "").includes("text/html");
}
