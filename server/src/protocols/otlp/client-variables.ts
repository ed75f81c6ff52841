import type { ClientVariables } from "#modules/compute";

const LABEL = /^[a-z][a-z_]*$/; // As `origin.ts` reads them back.
const MLFLOW = /^mlflow(-skinny|-tracing)?==/;
const EXPORTER = /^opentelemetry-exporter-otlp(-proto-http)?==/;

/**
 * How the OpenTelemetry SDK of a job, in whatever language, finds this server and says whose job it is.
 * @remarks opentelemetry.io/docs/specs/otel/protocol/exporter and …/resource/sdk: values of headers and attributes are
 * percent-encoded. The mlflow client looks for an exporter with each of its spans once there is an endpoint, and loses the
 * span when none is installed (mlflow/tracing/processor/otel_metrics_mixin.py): then nothing here could send anyway.
 */
export const otelVariables: ClientVariables = ({ url, token, authorities, labels, packages }) => {
  const has = (wanted: RegExp) => packages.some((one) => wanted.test(one));
  if (has(MLFLOW) && !has(EXPORTER)) return {};
  const attributes = Object.entries(labels)
    .filter(([label]) => LABEL.test(label))
    .map(([label, value]) => `atrium.${label}=${encodeURIComponent(value)}`);
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
    OTEL_EXPORTER_OTLP_HEADERS: `Authorization=Bearer%20${token}`,
    OTEL_RESOURCE_ATTRIBUTES: attributes.join(","),
    ...(authorities === undefined ? {} : { OTEL_EXPORTER_OTLP_CERTIFICATE: authorities }),
  };
};
