"""The OpenAPI document of the whole house, the same in every shape.

Litestar derives operations and schemas from the handlers; what it cannot know is added here, as data.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from litestar import Litestar
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme, Server

from luxe.app import openapi_words as words
from luxe.app.openapi_examples import EXAMPLES
from luxe.app.registry import manifests
from luxe.kernel.http import provide_principal
from luxe.kernel.settings import Settings

VERSION = "0.1.0"


def config(settings: Settings) -> OpenAPIConfig:
    """The document's frame. The document itself is served at `/v1/openapi.json` by the unit `web`."""
    return OpenAPIConfig(
        title=f"{settings.house_name} API",
        version=VERSION,
        description=words.INTRODUCTION,
        servers=[Server(url=settings.public_url)],
        components=Components(
            security_schemes={
                "key": SecurityScheme(
                    type="http", scheme="bearer", description="An API key or a session token"
                )
            }
        ),
        security=[{"key": []}],
        path=None,
        render_plugins=[],
        enabled_endpoints=set(),
    )


async def _nothing() -> None:
    return None


def document(settings: Settings) -> dict[str, Any]:
    handlers = [handler for each in manifests() for handler in each.routers if "/v1/" in _paths(handler)]
    app = Litestar(
        route_handlers=handlers,
        dependencies={"house": Provide(_nothing), "principal": Provide(provide_principal)},
        openapi_config=config(settings),
        logging_config=None,
    )
    schema = app.openapi_schema.to_schema()
    components = schema["components"]
    components["schemas"].pop("House", None)
    components["schemas"]["Problem"] = words.PROBLEM_SCHEMA
    components["headers"] = words.HEADERS
    components["responses"] = {name: _refusal(status) for status, (name, _) in words.REFUSALS.items()}
    components["parameters"] = {"IdempotencyKey": words.IDEMPOTENCY_KEY}
    schema["tags"] = [{"name": name, "description": text} for name, text in words.TAGS.items()]
    owned = {
        handler.operation_id: handler
        for route in app.routes
        for handler in getattr(route, "route_handlers", ())
    }
    _close_strict_bodies(components["schemas"], owned.values())
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            _complete(operation, method, "{" in path, owned[operation["operationId"]].opt)
    return schema


def _complete(operation: dict[str, Any], method: str, has_id: bool, opt: dict[str, Any]) -> None:
    name = operation["operationId"]
    operation.pop("deprecated", None)
    parameters = [
        _tidy(each) for each in operation.get("parameters", []) if each["name"] != "Idempotency-Key"
    ]
    if "service" in opt:
        parameters.append({"$ref": "#/components/parameters/IdempotencyKey"})
    if parameters:
        operation["parameters"] = parameters
    _say_who(operation, name)
    _exemplify(operation, name)
    answers = {status: answer for status, answer in operation["responses"].items() if status.startswith("2")}
    for status, answer in answers.items():
        _head(answer, method, status)
    if method == "get":
        answers["304"] = {
            "description": "Nothing has changed since the ETag",
            "headers": _refer("ETag", *words.RATE_HEADERS),
        }
    asks = any(each.get("required") and each.get("in") == "query" for each in parameters)
    for status in _refusals(name, has_id, unsafe=method != "get", asks=asks):
        answers[str(status)] = {"$ref": f"#/components/responses/{words.REFUSALS[status][0]}"}
    operation["responses"] = dict(sorted(answers.items()))


def _tidy(parameter: dict[str, Any]) -> dict[str, Any]:
    """Without what Litestar says of every parameter; one that may be left out is not therefore null."""
    kept: dict[str, Any] = {
        name: value for name, value in parameter.items() if value is not False or name == "required"
    }
    schema = {name: value for name, value in kept["schema"].items() if name != "description"}
    choices = [each for each in schema.pop("oneOf", []) if each != {"type": "null"}]
    return {**kept, "schema": schema | (choices[0] if choices else {})}


def _say_who(operation: dict[str, Any], name: str) -> None:
    access = words.ACCESS[name]
    told = operation.get("description", "")
    operation["description"] = f"{told}\n\n{access.described()}".strip()
    operation["x-access"] = {
        "roles": list(access.roles),
        "scopes": [access.scope] if access.scope and not access.in_person else [],
        "in_person": access.in_person,
    }


def _exemplify(operation: dict[str, Any], name: str) -> None:
    example = EXAMPLES.get(name)
    if example is None:
        return
    for parameter in operation.get("parameters", []):
        if parameter.get("name") in example.parameters:
            parameter["example"] = example.parameters[parameter["name"]]
    if example.body is not None:
        operation["requestBody"]["content"]["application/json"]["example"] = example.body


def _head(answer: dict[str, Any], method: str, status: str) -> None:
    special = ("ETag",) if method == "get" and status == "200" else ("Idempotency-Replayed",)
    answer["headers"] = _refer(*special, *words.RATE_HEADERS)


def _refusals(name: str, has_id: bool, unsafe: bool, asks: bool) -> list[int]:
    """`asks`: a parameter of its query may not be left out."""
    absent = [404] if has_id or name in words.ABSENT else []
    return [*words.EVERYWHERE, *absent, *(words.OF_UNSAFE if unsafe else (422,) if asks else ()), 503]


def _refusal(status: int) -> dict[str, Any]:
    special = {401: ("WWW-Authenticate",), 429: ("Retry-After",)}.get(status, ())
    counted = () if status in words.BEFORE_THE_COUNT else words.RATE_HEADERS
    return {
        "description": words.REFUSALS[status][1],
        "headers": _refer(*special, *counted),
        "content": {words.PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _refer(*names: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _paths(handler: Any) -> str:
    return " ".join(getattr(handler, "paths", ()))


def _close_strict_bodies(schemas: dict[str, Any], handlers: Iterable[Any]) -> None:
    """Litestar does not tell that a body with a field nobody knows is refused."""
    for handler in handlers:
        body = handler.parsed_data_field
        if body is not None and body.annotation.__struct_config__.forbid_unknown_fields:
            schemas[body.annotation.__name__]["additionalProperties"] = False
