"""The API's reference at `/docs` and its document at `/v1/openapi.json`. Both describe; neither shows a piece."""

from __future__ import annotations

import secrets

import msgspec
from litestar import MediaType, Response, get

from luxe.kernel.house import House
from luxe.web.site import MODEL_VIEWER_STYLE, security_headers, site_of


@get("/docs", include_in_schema=False)
async def reference(house: House) -> Response[str]:
    nonce = secrets.token_urlsafe(16)
    page = {
        "title": f"{house.settings.house_name} API",
        "document_url": "/v1/openapi.json",
        "nonce": nonce,
    }
    html = site_of(house).templates.render("design/reference.html", locale="en", page=page)
    headers = security_headers(nonce)
    policy = headers["content-security-policy"].replace(
        f"style-src 'self' 'nonce-{nonce}' {MODEL_VIEWER_STYLE}", "style-src 'self' 'unsafe-inline'"
    )
    return Response(html, media_type=MediaType.HTML, headers=headers | {"content-security-policy": policy})


@get("/v1/openapi.json", include_in_schema=False, opt={"open": True})
async def openapi(house: House) -> Response[bytes]:
    """The document that the app wrote at start."""
    return Response(msgspec.json.encode(house.document), media_type=MediaType.JSON)
