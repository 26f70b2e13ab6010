"""The document's operations as calls that can be made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import msgspec
import schemathesis
from schemathesis.schemas import APIOperation

from luxe.app.openapi import document
from luxe.kernel.settings import Settings

SETTINGS = Settings(data="", database_url="", nats_url="", secret="")
DOCUMENT = document(SETTINGS)


class Operation(msgspec.Struct, frozen=True):
    """`parameters` are those of the document, references followed."""

    name: str
    method: str
    path: str
    described: dict[str, Any]
    parameters: list[dict[str, Any]]

    @property
    def body(self) -> dict[str, Any] | None:
        return self.described.get("requestBody", {}).get("content", {}).get("application/json")

    @property
    def unsafe(self) -> bool:
        return self.method != "GET"

    def address(self) -> str:
        """The path with its examples in place."""
        values = {each["name"]: each.get("example", "x") for each in self.parameters if each["in"] == "path"}
        return self.path.format(**{name: quote(str(value), safe="") for name, value in values.items()})

    def query(self) -> dict[str, Any]:
        return {
            each["name"]: each["example"]
            for each in self.parameters
            if each["in"] == "query" and "example" in each
        }


def _operations() -> Iterator[Operation]:
    for path, methods in DOCUMENT["paths"].items():
        for method, described in methods.items():
            parameters = [_followed(each) for each in described.get("parameters", [])]
            yield Operation(described["operationId"], method.upper(), path, described, parameters)


def _followed(node: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in node:
        return node
    found: Any = DOCUMENT
    for part in node["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return found


OPERATIONS = {each.name: each for each in _operations()}
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)


def api_operation(name: str) -> APIOperation:
    operation = OPERATIONS[name]
    return SCHEMA[operation.path][operation.method]
