"""Structured logs, metrics and traces. A request's id goes with every line, across ports and facts."""

from __future__ import annotations

import hashlib
import logging
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import structlog
from opentelemetry import trace
from opentelemetry.context import Context as TraceContext
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, SpanKind, StatusCode, TraceFlags
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import REGISTRY, Counter, Histogram
from prometheus_client.exposition import generate_latest
from structlog.tracebacks import ExceptionDictTransformer

from luxe.kernel import context

SQL_STATEMENTS = Counter("luxe_sql_statements", "SQL statements sent", ["role"])
REQUESTS = Histogram("luxe_http_request_seconds", "Time to answer", ["method", "route", "status"])
PORT_CALLS = Histogram("luxe_port_call_seconds", "Time of a port call", ["service", "method", "binding"])
FACTS = Counter("luxe_facts", "Facts sent and handled", ["what", "type"])
SAGA_STEPS = Counter("luxe_saga_steps", "Saga steps by outcome", ["saga", "step", "outcome"])

_tracer: trace.Tracer | None = None
_carrier = TraceContextTextMapPropagator()


def _add_context(_: Any, __: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    here = context.current()
    entry.setdefault("request_id", here.request_id)
    entry.setdefault("actor", here.actor)
    if _tracer is not None:
        entry.setdefault("trace_id", f"{_origin().trace_id:032x}")
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
        _export(process, otlp_url)


def _export(process: str, otlp_url: str) -> None:
    global _tracer
    resource = Resource.create({"service.name": f"luxe-{process}", "service.namespace": "luxe"})
    provider = TracerProvider(resource=resource, id_generator=_RequestIds())
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=otlp_url)))
    trace.set_tracer_provider(provider)
    _tracer = provider.get_tracer("luxe")


def _origin() -> SpanContext:
    """The first span of the current request. Both ids come from the request id, which every port call, fact and saga
    run carries: so all that one request causes is one trace, in whichever process and however much later."""
    digest = hashlib.blake2b(context.current().request_id.encode(), digest_size=24).digest()
    return SpanContext(
        trace_id=int.from_bytes(digest[:16]),
        span_id=int.from_bytes(digest[16:]),
        is_remote=True,
        trace_flags=TraceFlags(TraceFlags.SAMPLED),
    )


class _RequestIds(RandomIdGenerator):
    """The SDK asks for a trace id, and then for a span id, where a span has no parent: that span is the origin."""

    def __init__(self) -> None:
        self._next: int | None = None

    def generate_trace_id(self) -> int:
        origin = _origin()
        self._next = origin.span_id
        return origin.trace_id

    def generate_span_id(self) -> int:
        chosen, self._next = self._next, None
        return super().generate_span_id() if chosen is None else chosen


@contextmanager
def span(name: str, **attributes: str | int) -> Iterator[None]:
    """Part of the current request: below the span that is open here, else below the request's first."""
    if _tracer is None:
        yield
        return
    parent = None
    if not trace.get_current_span().get_span_context().is_valid:
        parent = trace.set_span_in_context(NonRecordingSpan(_origin()))
    with _tracer.start_as_current_span(name, parent, attributes=attributes):
        yield


@contextmanager
def first_span(name: str, traceparent: str = "", *, serves: bool = False) -> Iterator[Span]:
    """What the current request begins with here: its very first span, or one below a caller's `traceparent`.

    `serves` says that somebody waits for the answer.
    """
    if _tracer is None:
        yield trace.INVALID_SPAN
        return
    parent = _carrier.extract({"traceparent": traceparent}, TraceContext())
    kind = SpanKind.SERVER if serves else SpanKind.INTERNAL
    here = {"luxe.request_id": context.current().request_id}
    with _tracer.start_as_current_span(name, parent, kind=kind, attributes=here) as first:
        yield first


def name_answer(first: Span, method: str, route: str, status: int) -> None:
    """Says on a request's first span what it turned out to be (OpenTelemetry's names for HTTP server spans)."""
    if first.is_recording():
        first.update_name(f"{method} {route}")
        first.set_attributes(
            {"http.request.method": method, "http.route": route, "http.response.status_code": status}
        )
        if status >= 500:
            first.set_status(StatusCode.ERROR)


def traceparent() -> dict[str, str]:
    """The header that carries the open span to another process; empty where nothing is traced.

    Source: W3C Trace Context, "traceparent header".
    """
    headers: dict[str, str] = {}
    if _tracer is not None:
        _carrier.inject(headers)
    return headers


def metrics() -> bytes:
    """All metrics in the Prometheus text format."""
    return generate_latest(REGISTRY)
