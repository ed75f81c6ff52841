"""Sends logs, metrics and traces as any instrumented program does; the environment says where to and who sends.

Prints one line of JSON: what was sent, and whether the exporters were answered with success.
"""

import json
import logging
import os

from opentelemetry import trace
from opentelemetry._logs import SeverityNumber
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation, View
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode


def send_traces() -> dict[str, object]:
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    tracer = provider.get_tracer("conformance", "1.0")
    with tracer.start_as_current_span("checkout", kind=SpanKind.SERVER) as root:
        root.set_attribute("http.route", "/checkout")
        root.set_attribute("http.response.status_code", 500)
        root.set_attribute("flags", [True, False])
        with tracer.start_as_current_span("charge", kind=SpanKind.CLIENT) as child:
            child.add_event("retry", {"attempt": 2})
            child.record_exception(ValueError("no money"))
        root.set_status(Status(StatusCode.ERROR, "the charge failed"))
        send_logs_within_span()
    sent = provider.force_flush()
    provider.shutdown()
    context = root.get_span_context()
    return {
        "sent": sent,
        "traceId": trace.format_trace_id(context.trace_id),
        "rootId": trace.format_span_id(context.span_id),
        "childId": trace.format_span_id(child.get_span_context().span_id),
    }


def send_logs_within_span() -> None:
    provider = LoggerProvider()
    provider.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter()))
    logger = provider.get_logger("conformance")
    logger.emit(
        severity_number=SeverityNumber.WARN,
        severity_text="WARN",
        body="The charge was refused: äöü 💥",
        attributes={"order": 9007199254740993, "nested": {"a": [1, "b"]}},
    )
    logger.emit(severity_number=SeverityNumber.DEBUG, body={"structured": True})
    provider.force_flush()
    provider.shutdown()


def send_metrics() -> bool:
    views = [View(instrument_name="exponential", aggregation=ExponentialBucketHistogramAggregation())]
    reader = PeriodicExportingMetricReader(OTLPMetricExporter(), export_interval_millis=600_000)
    provider = MeterProvider(metric_readers=[reader], views=views)
    meter = provider.get_meter("conformance")
    orders = meter.create_counter("orders", unit="{order}", description="Orders taken.")
    stock = meter.create_up_down_counter("stock")
    took = meter.create_histogram(
        "checkout.duration", unit="s", explicit_bucket_boundaries_advisory=[0.1, 0.5, 1.0]
    )
    meter.create_gauge("temperature", unit="Cel").set(21.5, {"room": "server"})
    meter.create_histogram("exponential").record(3)
    for _ in range(2):
        orders.add(2, {"shop": "berlin"})
        stock.add(5)
        stock.add(-1)
        for seconds in (0.05, 0.3, 0.7, 5):
            took.record(seconds)
        provider.force_flush()
    provider.shutdown()
    return True


logging.basicConfig(level=logging.ERROR)
traces = send_traces()
metrics = send_metrics() if os.environ.get("SEND_METRICS") == "yes" else False
print(json.dumps({**traces, "metrics": metrics}))
