"""`luxe derive` (run by `up` when the source has changed): writes what the gateway has to know."""

from collections.abc import Sequence

from luxe.app import derive, registry
from luxe.kernel.settings import load


def main(arguments: Sequence[str]) -> int:
    routes = derive.derive(registry.manifests(), load().data_dir / "gateway")
    print(f"{len(routes.paths)} path prefixes, {len(routes.services)} gRPC services")
    return 0
