import type { Permission } from "@atrium/contract/permissions";
import type { Actor } from "#modules/identity";

declare module "fastify" {
  interface FastifyRequest {
    /** Who asks; set before any handler runs. */
    actor: Actor;
    /** The project the request is about: path prefix, header, token's own, or the default one. */
    projectId: string;
    organisationId: string;
  }
  interface FastifyContextConfig {
    /** What the caller must be allowed to do; a route that declares none stops the boot. */
    permission?: Permission | "public" | "signed-in";
    /** Where it is asked for; `project` when not given. */
    scope?: "project" | "organisation" | "instance";
  }
}
