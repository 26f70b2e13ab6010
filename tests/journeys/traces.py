"""An OTLP collector that remembers spans."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


class Span(NamedTuple):
    """`parent` is empty for the first span of a trace."""

    process: str
    name: str
    id: str
    parent: str
    attributes: dict[str, str]


class Traces:
    def __init__(self, url: str) -> None:
        self.url = url
        self._by_trace: dict[str, list[Span]] = {}
        self._lock = threading.Lock()

    def take(self, request: ExportTraceServiceRequest) -> None:
        with self._lock:
            for resource in request.resource_spans:
                told = {each.key: each.value.string_value for each in resource.resource.attributes}
                for scope in resource.scope_spans:
                    for span in scope.spans:
                        self._by_trace.setdefault(span.trace_id.hex(), []).append(
                            Span(
                                process=told["service.name"],
                                name=span.name,
                                id=span.span_id.hex(),
                                parent=span.parent_span_id.hex(),
                                attributes={each.key: each.value.string_value for each in span.attributes},
                            )
                        )

    def of_request(self, request_id: str) -> list[Span]:
        """All spans of the trace that begins with this request."""
        with self._lock:
            for spans in self._by_trace.values():
                if any(
                    not span.parent and span.attributes.get("luxe.request_id") == request_id for span in spans
                ):
                    return list(spans)
        return []


@contextmanager
def collecting() -> Iterator[Traces]:
    """Listens on a free port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            traces.take(ExportTraceServiceRequest.FromString(body))
            self.send_response(200)
            self.send_header("content-type", "application/x-protobuf")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = False

    with Server(("127.0.0.1", 0), Handler) as server:
        traces = Traces(f"http://127.0.0.1:{server.server_port}/v1/traces")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield traces
        finally:
            server.shutdown()
            thread.join()
