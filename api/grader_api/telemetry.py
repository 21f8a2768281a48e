"""Traces by OpenTelemetry, where its extra is installed and its standard variables name a collector."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.types import Scope

if TYPE_CHECKING:  # an extra
    from opentelemetry.trace import Span

_COLLECTORS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_UNTOLD = "health,ready,metrics"
# what a client wrote: paths and queries name candidates; the route, which does not, is told beside
_WRITTEN = ("http.url", "http.target", "url.full", "url.path", "url.query")


def trace(app: FastAPI) -> bool:
    """Trace requests, if a collector is named; whether it does. Settings are OpenTelemetry's own (`OTEL_…`)."""
    if not any(os.environ.get(name) for name in _COLLECTORS) or find_spec("opentelemetry.instrumentation") is None:
        return False
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 (an extra)
    from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    FastAPIInstrumentor.instrument_app(
        app, tracer_provider=provider, excluded_urls=_UNTOLD, server_request_hook=_keep_to_oneself
    )
    return True


def _keep_to_oneself(span: Span, _scope: Scope) -> None:
    for name in _WRITTEN:
        span.set_attribute(name, "")
