"""Stands in for `luxe serve` in tests of the processes: it answers, and says which process answered."""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    wbufsize = -1

    def do_GET(self) -> None:
        told = {name: value for name, value in os.environ.items() if name.startswith("LUXE_")}
        self.answer(200, {"pid": os.getpid(), "units": sys.argv[1:], "path": self.path, "told": told})

    def answer(self, status: int, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None: ...


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(os.environ["LUXE_LISTEN_PORT"])), Handler).serve_forever()
