"""Whatever is sent, the answer is one that the document describes: never a fault of ours, never in another shape."""

from __future__ import annotations

import asyncio
import copy
import itertools
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.parameters import ParameterLocation
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from luxe.app.openapi_words import ACCESS
from tests.rest.house import Headers, RestHouse
from tests.rest.operations import DOCUMENT, OPERATIONS, api_operation

CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
FITTING, UNFITTING, UNKNOWN = 8, 5, 2

_keys = (f"key-{number}" for number in itertools.count())


def has_unfitting_body(case: Case) -> bool:
    """An unknown query parameter is ignored, but a body that does not fit must not be taken."""
    body = case.meta.components.get(ParameterLocation.BODY) if case.meta else None
    return body is not None and body.mode is GenerationMode.NEGATIVE


def batter(
    operation: APIOperation, address: str, headers: Headers, examples: int, mode: GenerationMode
) -> set[int]:
    """Sends so many generated requests, checks each answer, and returns the statuses seen."""
    seen: set[int] = set()

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    )
    @given(case=operation.as_strategy(mode))
    def run(case: Case) -> None:
        if mode is GenerationMode.POSITIVE and case.headers and "Idempotency-Key" in case.headers:
            case.headers["Idempotency-Key"] = next(_keys)
        answer = case.call(base_url=address, headers=headers, timeout=30)
        seen.add(answer.status_code)
        checks = [*CHECKS, negative_data_rejection] if has_unfitting_body(case) else CHECKS
        case.validate_response(answer, checks=checks, headers=headers)

    run()
    return seen


def planted(**changes: Any) -> APIOperation:
    """Reading the bag, as a document would describe it that is wrong in one place."""
    wrong = copy.deepcopy(DOCUMENT)
    if "kind" in changes:
        wrong["components"]["schemas"]["BagView"]["properties"]["version"]["type"] = changes["kind"]
    for status, instead in changes.get("statuses", {}).items():
        responses = wrong["paths"]["/v1/bag"]["get"]["responses"]
        responses[instead] = responses.pop(status)
    return schemathesis.openapi.from_dict(wrong)["/v1/bag"]["GET"]


async def sent(
    opened: RestHouse, name: str, headers: Headers, examples: int, mode: GenerationMode
) -> set[int]:
    address = str(opened.house.rest.base_url)
    return await asyncio.to_thread(batter, api_operation(name), address, headers, examples, mode)


def can_be_wrong(name: str) -> bool:
    return bool(OPERATIONS[name].parameters or OPERATIONS[name].body)


@pytest.mark.parametrize("name", OPERATIONS)
async def test_nobody_is_told_anything(opened: RestHouse, name: str) -> None:
    assert await sent(opened, name, {}, UNKNOWN, GenerationMode.POSITIVE) == {401}
    if can_be_wrong(name):
        assert await sent(opened, name, {}, UNKNOWN, GenerationMode.NEGATIVE) <= {400, 401, 404, 405}


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("person", ["weiran", "li"])
async def test_whoever_is_known_is_answered_in_the_documents_terms(
    opened: RestHouse, name: str, person: str
) -> None:
    by_hand = ACCESS[name].in_person and (person == "weiran" or ACCESS[name].roles)
    headers = await opened.fresh_session(person) if by_hand else opened.keys[person]
    fitting = await sent(opened, name, headers, FITTING, GenerationMode.POSITIVE)
    assert 401 not in fitting or name == "endSessions"
    if can_be_wrong(name):
        headers = await opened.fresh_session(person) if by_hand else headers
        await sent(opened, name, headers, UNFITTING, GenerationMode.NEGATIVE)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"kind": "string"}, "JsonSchemaError"),
        ({"statuses": {"200": "206"}}, "UndefinedStatusCode"),
    ],
)
async def test_a_document_that_is_wrong_is_found_out(
    opened: RestHouse, changes: dict[str, Any], found: str
) -> None:
    address = str(opened.house.rest.base_url)
    call = planted(**changes), address, opened.keys["weiran"], 1, GenerationMode.POSITIVE
    with pytest.raises(FailureGroup) as caught:
        await asyncio.to_thread(batter, *call)
    assert [type(each).__name__ for each in caught.value.exceptions] == [found]
