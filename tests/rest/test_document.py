"""The OpenAPI document is whole, and says nothing that only our own code would understand."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from luxe.app.openapi_examples import EXAMPLES
from luxe.app.openapi_words import ACCESS, TAGS
from luxe.app.registry import manifests
from luxe.services.identity.contract import ROLES, SCOPES
from tests.rest.operations import DOCUMENT, OPERATIONS, SCHEMA, Operation

EVERY = pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)


def nodes(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        yield tree
        for child in tree.values():
            yield from nodes(child)
    elif isinstance(tree, list):
        for child in tree:
            yield from nodes(child)


def test_it_is_a_valid_document() -> None:
    SCHEMA.validate()
    json.dumps(DOCUMENT)


def test_operation_ids_are_unique_and_in_camel_case() -> None:
    listed = [each["operationId"] for methods in DOCUMENT["paths"].values() for each in methods.values()]
    assert len(listed) == len(set(listed)) == len(OPERATIONS)
    assert [name for name in listed if not re.fullmatch("[a-z]+([A-Z][a-z]+)*", name)] == []


def test_every_tag_is_described_and_used() -> None:
    used = {tag for operation in OPERATIONS.values() for tag in operation.described["tags"]}
    assert used == set(TAGS) == {each["name"] for each in DOCUMENT["tags"]}


def test_what_is_said_here_is_said_of_operations_that_exist() -> None:
    assert set(ACCESS) == set(OPERATIONS)
    assert set(EXAMPLES) <= set(OPERATIONS)
    assert {access.scope for access in ACCESS.values()} - {""} <= set(SCOPES)
    assert {role for access in ACCESS.values() for role in access.roles} <= set(ROLES)


def test_no_name_of_ours_leaks() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    assert [name for name in schemas if not re.fullmatch("[A-Z][A-Za-z]+", name)] == []
    text = json.dumps(DOCUMENT)
    for inner in ("luxe.", "msgspec", "litestar", "Litestar", "Exception", "NoneType", '"House"'):
        assert inner not in text, inner


def test_every_reference_leads_somewhere_and_every_schema_is_used() -> None:
    named = {node["$ref"] for node in nodes(DOCUMENT) if "$ref" in node}
    for reference in named:
        found: Any = DOCUMENT
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
    unused = {
        name for name in DOCUMENT["components"]["schemas"] if f"#/components/schemas/{name}" not in named
    }
    assert unused == set()


@EVERY
def test_an_operation_says_what_it_is_for(operation: Operation) -> None:
    described = operation.described
    assert described["summary"]
    assert described["description"]
    assert set(described["x-access"]) == {"roles", "scopes", "in_person"}


@EVERY
def test_every_parameter_and_body_has_an_example(operation: Operation) -> None:
    optional_cursor = {"cursor", "actor"}
    missing = [
        each["name"] for each in operation.parameters
        if "example" not in each and each["name"] not in optional_cursor
    ]  # fmt: skip
    assert missing == []
    assert operation.body is None or operation.body["example"]
    known = {each["name"] for each in operation.parameters}
    example = EXAMPLES.get(operation.name)
    assert example is None or set(example.parameters) <= known


@EVERY
def test_refusals_are_problems(operation: Operation) -> None:
    answers = operation.described["responses"]
    assert {"400", "401", "403", "429"} <= set(answers)
    for status, answer in answers.items():
        if status.startswith(("4", "5")):
            name = answer["$ref"].rpartition("/")[2]
            content = DOCUMENT["components"]["responses"][name]["content"]
            assert content == {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
            }


def test_unsafe_operations_and_only_they_ask_for_an_idempotency_key() -> None:
    owned = {
        handler.operation_id
        for each in manifests()
        for handler in each.routers
        if "service" in handler.opt and handler.include_in_schema is not False
    }
    asking = {
        name for name, operation in OPERATIONS.items()
        if any(each["name"] == "Idempotency-Key" for each in operation.parameters)
    }  # fmt: skip
    assert asking == owned == {name for name, operation in OPERATIONS.items() if operation.unsafe}


def test_a_cursor_is_given_by_a_page() -> None:
    for operation in OPERATIONS.values():
        if any(each["name"] == "cursor" for each in operation.parameters):
            [answer] = [operation.described["responses"]["200"]["content"]["application/json"]["schema"]]
            page = DOCUMENT["components"]["schemas"][answer["$ref"].rpartition("/")[2]]
            assert {"items", "next"} <= set(page["properties"]), operation.name


def test_the_command_prints_it() -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "luxe.app", "openapi"], capture_output=True, text=True, check=True
    )
    printed = json.loads(done.stdout)
    assert {key: value for key, value in printed.items() if key != "servers"} == {
        key: value for key, value in DOCUMENT.items() if key != "servers"
    }
