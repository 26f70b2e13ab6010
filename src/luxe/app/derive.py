"""What the gateway has to know about the source: which unit answers which path, and the gRPC descriptors."""

from collections.abc import Iterable
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorSet
from litestar import Litestar
from litestar.di import Provide

from luxe.app import health_grpc
from luxe.app.gateway import Routes
from luxe.app.proto_text import proto_text
from luxe.app.protos import describe_all
from luxe.kernel.http import provide_principal
from luxe.kernel.manifest import Manifest
from luxe.kernel.ports import describe


def derive(manifests: Iterable[Manifest], folder: Path) -> Routes:
    """Writes `routes.json`, `luxe.pb`, `health.pb` and `protos/` to `folder`."""
    units = list(manifests)
    folder.mkdir(parents=True, exist_ok=True)
    described = descriptors(units)
    (folder / "luxe.pb").write_bytes(described.SerializeToString(deterministic=True))
    (folder / "health.pb").write_bytes(health_grpc.descriptor())
    write_protos(described, folder / "protos")
    services = {describe(unit.port).full_name: unit.name for unit in units if unit.port is not None}
    routes = Routes(paths=paths_of(units), services=services)
    routes.write(folder)
    return routes


def descriptors(units: Iterable[Manifest]) -> FileDescriptorSet:
    return describe_all(describe(unit.port) for unit in units if unit.port is not None)


def paths_of(units: Iterable[Manifest]) -> dict[str, str]:
    """Path prefix → unit; what the web serves is everything else. Raises `ValueError` where two units meet."""
    found: dict[str, str] = {}
    for unit in units:
        if unit.name == "web":
            continue
        for prefix in sorted(prefixes_of(unit)):
            if found.setdefault(prefix, unit.name) != unit.name:
                raise ValueError(f"{prefix} is served by {found[prefix]} and by {unit.name}")
    return found


def prefixes_of(unit: Manifest) -> set[str]:
    """The fixed beginnings of a unit's paths: `/v1/orders/{id}` begins with `/v1/orders`."""
    app = Litestar(
        route_handlers=list(unit.routers),
        dependencies={"house": Provide(_nothing), "principal": Provide(provide_principal)},
        openapi_config=None,
        logging_config=None,
    )
    return {route.path.split("{", 1)[0].rstrip("/") for route in app.routes} - {""}


async def _nothing() -> None:
    return None


def write_protos(described: FileDescriptorSet, folder: Path) -> None:
    """The same descriptors as `.proto` files for people and for other languages' generators."""
    for file in described.file:
        if file.package.startswith("luxe."):
            path = folder / file.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(proto_text(file))
