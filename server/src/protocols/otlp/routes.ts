import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { AppError } from "#lib/errors";
import type { Telemetry } from "#modules/telemetry";
import { sendStatus } from "./errors.ts";
import { receiveLogs, receiveMetrics, receiveTraces } from "./receive.ts";
import { encodeAnswer, MEDIA_TYPE, type PartialSuccess, type Signal } from "./wire/answer.ts";
import { BODY_BYTES_MAX, encodingOf, readBody } from "./wire/body.ts";
import type { Message } from "./wire/message.ts";
import { logsRequest, metricsRequest, tracesRequest } from "./wire/messages.ts";

export interface OtlpDeps {
  telemetry: Pick<Telemetry, "receiveLogs" | "receiveMetrics" | "receiveSpans">;
}

/** Who sends, and for which project. */
export type Sender = Pick<FastifyRequest, "actor" | "projectId">;

/**
 * What OpenTelemetry's SDKs and collectors send over HTTP: logs, metrics and traces into the token's project.
 * @remarks Wire format: opentelemetry.io/docs/specs/otlp, "OTLP/HTTP".
 */
export async function mountOtlp(app: FastifyInstance, { telemetry }: OtlpDeps): Promise<void> {
  await app.register(async (scope) => {
    scope.setErrorHandler(sendStatus);
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      ["application/x-protobuf", "application/json"],
      { parseAs: "buffer", bodyLimit: BODY_BYTES_MAX },
      (_request, body, done) => done(null, body),
    );
    scope.addContentTypeParser("*", (_request, payload, done) => {
      payload.resume();
      done(otherType(), undefined);
    });
    mount(scope, {
      signal: "logs",
      message: logsRequest,
      receive: (sender, request) => receiveLogs(telemetry, sender, request),
    });
    mount(scope, {
      signal: "metrics",
      message: metricsRequest,
      receive: (sender, request) => receiveMetrics(telemetry, sender, request),
    });
    mount(scope, {
      signal: "traces",
      message: tracesRequest,
      receive: (sender, request) => receiveTraces(telemetry, sender, request),
    });
  });
}

interface Receiver<T> {
  signal: Signal;
  message: Message<T>;
  receive(sender: Sender, request: T): Promise<PartialSuccess | undefined>;
}

function mount<T>(scope: FastifyInstance, { signal, message, receive }: Receiver<T>): void {
  scope.route({
    method: "POST",
    url: `/v1/${signal}`,
    config: { permission: "telemetry:write", scope: "project" },
    handler: async (request, reply): Promise<FastifyReply> => {
      const encoding = encodingOf(request);
      if (encoding === undefined) throw otherType();
      const partial = await receive(request, await readBody(request, message, encoding));
      return reply.type(MEDIA_TYPE[encoding]).send(encodeAnswer(encoding, signal, partial));
    },
  });
}

function otherType(): AppError {
  return new AppError("invalid", "Content-Type must be application/x-protobuf or application/json.", {
    at: "content-type",
    reason: "media_type",
  });
}
