"""Every example in the document is a call that can be made, and is answered as the document says."""

from __future__ import annotations

import pytest

from luxe.app.openapi_examples import EXAMPLES, Example
from tests.rest.house import RestHouse
from tests.rest.operations import OPERATIONS, Operation, api_operation

IN_ORDER = sorted(
    OPERATIONS.values(),
    key=lambda each: (each.method == "DELETE", each.unsafe, each.name == "endSessions", each.name),
)
"""Reads before changes, removals after them."""


@pytest.mark.parametrize("operation", IN_ORDER, ids=lambda each: each.name)
async def test_the_example_is_answered(opened: RestHouse, operation: Operation) -> None:
    example = EXAMPLES.get(operation.name, Example())
    content = {"json": operation.body["example"]} if operation.body else {}
    answer = await opened.send(
        operation.method,
        operation.address(),
        opened.sessions[opened.who(operation.name)],
        params=operation.query(),
        **content,
    )
    documented = next(status for status in operation.described["responses"] if status.startswith("2"))
    assert answer.status_code == (example.status or int(documented)), answer.text
    api_operation(operation.name).validate_response(answer)


async def test_the_search_example_finds_a_piece(opened: RestHouse) -> None:
    operation = OPERATIONS["search"]
    answer = await opened.send("GET", operation.path, opened.sessions["weiran"], params=operation.query())
    assert [hit["slug"] for hit in answer.json()["hits"]] == ["half-moon-bag"]
