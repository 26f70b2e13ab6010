"""Structured logs, metrics and traces. A request's id goes with every line, across ports and facts."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import structlog
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from prometheus_client import REGISTRY, Counter, Histogram
from prometheus_client.exposition import generate_latest
from structlog.tracebacks import ExceptionDictTransformer

from luxe.kernel import context

SQL_STATEMENTS = Counter("luxe_sql_statements", "SQL statements sent", ["role"])
REQUESTS = Histogram("luxe_http_request_seconds", "Time to answer", ["method", "route", "status"])
PORT_CALLS = Histogram("luxe_port_call_seconds", "Time of a port call", ["service", "method", "binding"])
FACTS = Counter("luxe_facts", "Facts sent and handled", ["what", "type"])
SAGA_STEPS = Counter("luxe_saga_steps", "Saga steps by outcome", ["saga", "step", "outcome"])

_tracer = trace.get_tracer("luxe")


def _add_context(_: Any, __: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    here = context.current()
    entry.setdefault("request_id", here.request_id)
    entry.setdefault("actor", here.actor)
    return entry


def configure(level: str, process: str, otlp_url: str = "") -> None:
    """JSON lines on standard error; spans to an OTLP collector if its address is set."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(message)s")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            _add_context,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(process=process)
    if otlp_url:
        provider = TracerProvider(resource=Resource.create({"service.name": f"luxe-{process}"}))
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=otlp_url)))
        trace.set_tracer_provider(provider)


@contextmanager
def span(name: str, **attributes: str | int) -> Iterator[None]:
    with _tracer.start_as_current_span(name, attributes=attributes):
        yield


def metrics() -> bytes:
    """All metrics in the Prometheus text format."""
    return generate_latest(REGISTRY)
