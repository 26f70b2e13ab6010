"""`luxe health-service` (started by `up`): the gRPC health and reflection service that the gateway exposes."""

import json
from collections.abc import Sequence
from typing import Annotated

import typer

from luxe.app import health_grpc
from luxe.app.cli import command


def health_service(
    port: Annotated[int, typer.Option()],
    watch: Annotated[str, typer.Option(help="JSON: name → address that answers 200 while it is well.")],
) -> None:
    """Report on the serving processes until told to stop."""
    health_grpc.run(port, json.loads(watch))


def main(arguments: Sequence[str]) -> int:
    return command.run(health_service, arguments)
