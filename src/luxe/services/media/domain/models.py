"""GLB models (glTF 2.0, section 4.4 "GLB file format"): is it whole, and does it stand alone?"""

from __future__ import annotations

import struct
from typing import Any

import msgspec

from luxe.kernel.errors import BadRequest

_MAGIC = b"glTF"
_JSON = 0x4E4F534A
_BIN = 0x004E4942


def is_glb(content: bytes) -> bool:
    return content[:4] == _MAGIC


def check(content: bytes) -> None:
    """Raises `media_broken` unless header, chunks and buffers agree and nothing is fetched from elsewhere."""
    if len(content) < 20:
        raise _broken("shorter than its header")
    version, length = struct.unpack_from("<II", content, 4)
    if version != 2 or length != len(content):
        raise _broken("the header's version or length is wrong")
    document, binary = _chunks(content)
    if not str(document.get("asset", {}).get("version", "")).startswith("2."):
        raise _broken("not glTF 2")
    for index, buffer in enumerate(_entries(document, "buffers")):
        if "uri" not in buffer and (index > 0 or buffer.get("byteLength", 0) > binary):
            raise _broken("a buffer is longer than the binary chunk")
    for entry in [*_entries(document, "buffers"), *_entries(document, "images")]:
        if not str(entry.get("uri", "data:")).startswith("data:"):
            raise _broken("it refers to files outside itself")


def _chunks(content: bytes) -> tuple[dict[str, Any], int]:
    """The JSON chunk, decoded, and the length of the binary chunk."""
    at, binary, document = 12, 0, None
    while at < len(content):
        if at + 8 > len(content):
            raise _broken("a chunk header is cut off")
        size, kind = struct.unpack_from("<II", content, at)
        if at + 8 + size > len(content):
            raise _broken("a chunk is cut off")
        if document is None:
            if kind != _JSON:
                raise _broken("the first chunk is not JSON")
            document = _document(content[at + 8 : at + 8 + size])
        elif kind == _BIN:
            binary = size
        at += 8 + size
    if document is None:
        raise _broken("there is no JSON chunk")
    return document, binary


def _document(chunk: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(chunk, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _broken("the JSON chunk is not JSON") from error


def _entries(document: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = document.get(name, [])
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise _broken(f"{name} is not a list of objects")
    return found


def _broken(detail: str) -> BadRequest:
    return BadRequest(f"the GLB is broken: {detail}", code="media_broken")
