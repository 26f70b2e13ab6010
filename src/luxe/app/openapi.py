"""The OpenAPI document of the whole house, the same in every shape."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Litestar
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme, Server

from luxe.app.registry import manifests
from luxe.kernel.http import provide_principal
from luxe.kernel.settings import Settings, load

VERSION = "0.1.0"


def config(settings: Settings) -> OpenAPIConfig:
    """The document's frame. The document itself is served at `/v1/openapi.json` by the unit `web`."""
    return OpenAPIConfig(
        title=f"{settings.house_name} API",
        version=VERSION,
        description="Everything members, houses and operators do in the interface, by machine. "
        "Errors are problem documents (RFC 9457) with a stable `code`. Unsafe calls carry an `Idempotency-Key`.",
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
    schema.get("components", {}).get("schemas", {}).pop("House", None)
    return schema


def _paths(handler: Any) -> str:
    return " ".join(getattr(handler, "paths", ()))


def run() -> None:
    print(msgspec.json.format(msgspec.json.encode(document(load())), indent=2).decode())
