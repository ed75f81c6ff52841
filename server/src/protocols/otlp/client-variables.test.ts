import { expect, test } from "vitest";
import { otelVariables } from "./client-variables.ts";

const GIVEN = {
  url: "https://atrium.test:7400",
  token: "atrium_x",
  authorities: "/job/.tmp/authorities.pem",
  labels: { pipeline_step: "loop/0, é=1", job: "j1", has9: "no" },
  packages: ["opentelemetry-sdk==1.45.2"],
};

test("a job's SDK is told where to send, by which token, whom to trust and whose job it is", () => {
  expect(otelVariables(GIVEN)).toEqual({
    OTEL_EXPORTER_OTLP_ENDPOINT: "https://atrium.test:7400",
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
    OTEL_EXPORTER_OTLP_HEADERS: "Authorization=Bearer%20atrium_x",
    OTEL_RESOURCE_ATTRIBUTES: "atrium.pipeline_step=loop%2F0%2C%20%C3%A9%3D1,atrium.job=j1",
    OTEL_EXPORTER_OTLP_CERTIFICATE: "/job/.tmp/authorities.pem",
  });
});

test("mlflow is not led to an exporter that is not there", () => {
  const names = (packages: string[]) => Object.keys(otelVariables({ ...GIVEN, packages })).length;
  expect(names(["mlflow==3.17.2"])).toBe(0);
  expect(names(["mlflow-skinny==3.17.2", "opentelemetry-sdk==1.45.2"])).toBe(0);
  expect(names(["mlflow==3.17.2", "opentelemetry-exporter-otlp-proto-http==1.45.2"])).toBe(5);
  expect(names([])).toBe(5);
});
