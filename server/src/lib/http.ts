import type { Endpoint } from "@atrium/contract/http";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { z } from "zod";

type Parsed<T> = T extends z.ZodType ? z.output<T> : undefined;
type Given<T> = T extends z.ZodType ? z.input<T> : undefined;

/** For code that handles streams and headers itself, whatever carries them. */
export type HttpRequest = FastifyRequest;
export type HttpReply = FastifyReply;

/** One checked request to our own API. `Who` is the caller as identity made it. */
export interface Call<E extends Endpoint, Who> {
  actor: Who;
  /** The request's project; set for endpoints of scope `project`, else an empty string. */
  projectId: string;
  /** The request's organisation; set for the scopes `project` and `organisation`, else an empty string. */
  organisationId: string;
  params: Parsed<E["params"]>;
  query: Parsed<E["query"]>;
  body: Parsed<E["body"]>;
  /** For streams, headers and cookies only; everything else has been parsed. */
  request: FastifyRequest;
  reply: FastifyReply;
}

/**
 * Mounts one operation. Input was parsed by the contract's schemas before `handle` runs, the coarse permission was
 * checked, and what `handle` returns is checked against the answer's schema in tests. A handler that sends its own
 * stream returns `reply`.
 */
export type Serve<Who> = <E extends Endpoint>(
  endpoint: E,
  handle: (call: Call<E, Who>) => Promise<Given<E["answer"]> | FastifyReply>,
) => void;
