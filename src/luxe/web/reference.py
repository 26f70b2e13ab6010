"""The API's reference at `/docs` and its document at `/v1/openapi.json`. Both describe; neither shows a piece."""

from __future__ import annotations

import secrets

import msgspec
from litestar import MediaType, Response, get

from luxe.kernel.house import House
from luxe.web.design.assets import Assets
from luxe.web.site import security_headers


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} API</title><meta name="robots" content="noindex">{styles}</head>
<body><div id="reference" data-document="/v1/openapi.json"></div>
<script type="module" nonce="{nonce}" src="{script}"></script></body></html>"""


@get("/docs", include_in_schema=False)
async def reference(house: House) -> Response[str]:
    nonce = secrets.token_urlsafe(16)
    assets = Assets()
    styles = "".join(f'<link rel="stylesheet" href="{href}">' for href in assets.styles("reference"))
    html = _PAGE.format(
        title=house.settings.house_name, styles=styles, nonce=nonce, script=assets.asset("reference")
    )
    headers = security_headers(nonce)
    policy = headers["content-security-policy"].replace(f"style-src 'self' 'nonce-{nonce}'", "style-src 'self' 'unsafe-inline'")
    return Response(html, media_type=MediaType.HTML, headers=headers | {"content-security-policy": policy})


@get("/v1/openapi.json", include_in_schema=False)
async def openapi(house: House) -> Response[bytes]:
    """The document that the app wrote at start."""
    return Response(msgspec.json.encode(house.document), media_type=MediaType.JSON)
