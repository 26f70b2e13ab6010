"""`luxe openapi`: the interface's description, without a running house."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from luxe.app import derive, registry
from luxe.app.cli import command
from luxe.app.openapi import document
from luxe.app.premises import Options
from luxe.kernel.settings import Settings


def openapi(
    output: Annotated[
        Path | None, typer.Option(help="Write it here instead of printing it.", metavar="FILE")
    ] = None,
    protos: Annotated[
        Path | None, typer.Option(help="Also write the .proto files here.", metavar="DIR")
    ] = None,
) -> None:
    """Print the OpenAPI document of the REST interface."""
    settings = Settings(data="", database_url="", nats_url="", secret="", public_url=Options().public_url)
    text = msgspec.json.format(msgspec.json.encode(document(settings)), indent=2).decode() + "\n"
    if output:
        output.write_text(text)
    else:
        print(text, end="")
    if protos:
        derive.write_protos(derive.descriptors(registry.manifests()), protos)


def main(arguments: Sequence[str]) -> int:
    return command.run(openapi, arguments)
