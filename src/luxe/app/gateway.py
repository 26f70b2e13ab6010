"""The gateway's configuration: `gateway/envoy.yaml.j2` filled in with this house's processes and routes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from luxe.app.premises import ROOT

TEMPLATES = ROOT / "gateway"
COMPRESSED = (
    *("text/html", "text/css", "text/plain", "text/javascript", "application/javascript"),
    *("application/json", "application/problem+json", "application/manifest+json", "image/svg+xml"),
)
# Where somebody without a session can make the house work: the first layer that sheds such load.
GATE_PATHS = (
    "/v1/sessions",
    "/v1/accounts",
    "/v1/invitations",
    "/v1/recoveries",
    "/sign-in",
    "/join",
    "/recover",
)

# Simulators that a house may have beside the provider's; each is reached under its name.
WALLETS = ("alipay", "wechat_pay")

# HTTP status of a refusal → gRPC status, the same pairs as Connect's names in `kernel.ports`.
GRPC_CODES = (
    *((400, 3), (401, 16), (403, 7), (404, 5), (409, 9), (410, 9), (412, 9)),
    *((413, 8), (422, 3), (429, 8), (500, 13), (503, 14), (504, 4)),
)

# What the gateway itself answers, in the problem documents' words.
REFUSALS = (
    (400, "bad_request", "The request is malformed"),
    (404, "not_found", "Not found"),
    (408, "request_timeout", "The request took too long to arrive"),
    (413, "payload_too_large", "The request is too large"),
    (429, "too_many_requests", "Too many requests"),
    (431, "headers_too_large", "The request's headers are too large"),
    (502, "unavailable", "The house does not answer at the moment"),
    (503, "unavailable", "The house does not answer at the moment"),
    (504, "deadline_exceeded", "The house gave no answer in time"),
)


@dataclass(frozen=True)
class Upstreams:
    """`units` names the process that serves each unit, `ports` each process's port."""

    units: Mapping[str, str]
    ports: Mapping[str, int]


@dataclass(frozen=True)
class Limit:
    """Requests to the gate's paths, of everybody together: at once, and then for each second."""

    burst: int = 400
    per_second: int = 100


@dataclass(frozen=True)
class Place:
    """Where Envoy listens and which files it uses; `folder` also holds what `luxe derive` wrote."""

    listen: str
    port: int
    admin_port: int
    folder: Path
    access_log: Path
    gate: Limit = Limit()


@dataclass(frozen=True)
class Routes:
    """What the source says: path prefix → unit, and gRPC service → unit. Derived once for each version of it."""

    paths: Mapping[str, str] = field(default_factory=dict)
    services: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> "Routes":
        file = folder / "routes.json"
        return cls(**json.loads(file.read_text())) if file.exists() else cls()

    def write(self, folder: Path) -> None:
        text = json.dumps({"paths": dict(self.paths), "services": dict(self.services)}, indent=1)
        (folder / "routes.json").write_text(text)


def render(upstreams: Upstreams, place: Place) -> str:
    """The configuration as YAML; the most particular route comes first and wins."""
    routes = Routes.read(place.folder)
    process = upstreams.units
    front = process["web"]
    wallets = [name for name in WALLETS if name in upstreams.ports]
    environment = Environment(loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined)  # noqa: S701 - YAML
    return environment.get_template("envoy.yaml.j2").render(
        listen=place.listen,
        port=place.port,
        admin_port=place.admin_port,
        access_log=str(place.access_log),
        gate=place.gate,
        descriptor=str(place.folder / "luxe.pb"),
        health_descriptor=str(place.folder / "health.pb"),
        compressed=COMPRESSED,
        remember_status=_script("remember_status.lua"),
        restore_status=_script("restore_status.lua"),
        refusals=REFUSALS,
        services=[(service, process[unit]) for service, unit in sorted(routes.services.items())],
        routes=_routes(routes.paths, process),
        front=front,
        clusters=[
            (name, upstreams.ports[name])
            for name in ("psp", "mail", *wallets, *dict.fromkeys(process.values()))
        ],
        wallets=wallets,
        health_port=upstreams.ports["health"],
    )


def _script(name: str) -> str:
    codes = ", ".join(f'["{status}"] = "{code}"' for status, code in GRPC_CODES)
    return (TEMPLATES / name).read_text().replace("GRPC_CODES", f"{{{codes}}}")


def _routes(paths: Mapping[str, str], process: Mapping[str, str]) -> list[tuple[str, str, bool]]:
    """Path prefix, process, and whether it belongs to the gate; each gate path has an entry of its own."""
    units = dict(paths)
    for gate_path in GATE_PATHS:
        owner = next(
            (unit for prefix, unit in _longest_first(paths) if _lies_under(gate_path, prefix)), "web"
        )
        units.setdefault(gate_path, owner)
    return [
        (prefix, process[unit], any(_lies_under(prefix, gate_path) for gate_path in GATE_PATHS))
        for prefix, unit in _longest_first(units)
    ]


def _longest_first(paths: Mapping[str, str]) -> list[tuple[str, str]]:
    return sorted(paths.items(), key=lambda route: (-len(route[0]), route[0]))


def _lies_under(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(prefix.rstrip("/") + "/")
