"""Pictures and models: what is taken, what is refused, what is served."""

from __future__ import annotations

import asyncio
import io
import json
import struct
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from luxe.kernel.errors import Refusal
from luxe.services.media import contract as media
from luxe.services.media.domain import content as contents
from luxe.services.media.domain import pictures
from tests.harness import Running, running


def picture(
    format_: str = "PNG", size: tuple[int, int] = (800, 1000), colour: str = "#884422", **options: object
) -> bytes:
    out = io.BytesIO()
    drawn = Image.new("RGB", size, colour)
    ImageDraw.Draw(drawn).rectangle([0, 0, size[0] // 4, size[1] // 4], fill="#ffffff")
    drawn.save(out, format_, **options)
    return out.getvalue()


def glb(
    document: dict[str, object] | None = None, binary: bytes = b"\0" * 8, version: int = 2, extra: int = 0
) -> bytes:
    document = document or {"asset": {"version": "2.0"}, "buffers": [{"byteLength": len(binary)}]}
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    body = (
        struct.pack("<II", len(text), 0x4E4F534A)
        + text
        + struct.pack("<II", len(binary), 0x004E4942)
        + binary
    )
    return struct.pack("<4sII", b"glTF", version, 12 + len(body) + extra) + body


def bomb(side: int = 30_000) -> bytes:
    """A PNG of a few kilobytes that would unpack to 900 million pixels."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        )

    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 4000))
        + chunk(b"IEND", b"")
    )


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def stored(house: Running) -> list[Path]:
    return [path for path in (house.settings.data_dir / "media").rglob("*") if path.is_file()]


async def test_the_same_content_is_the_same_asset(binding: str) -> None:
    async with running("media", binding=binding) as house:
        port = house.port(media.Port)
        first = await port.ingest(content=picture(), name="a.png")
        again = await port.ingest(content=picture(), name="b.png")
        assert again == first
        assert (first.kind, first.width, first.height, first.colour) == ("picture", 800, 1000, "#884422")
        assert first.url == f"/media/{first.id}"
        assert await port.assets(asset_ids=["asset_x", first.id]) == [first]
        assert len(stored(house)) == 1


async def test_metadata_is_stripped_and_orientation_applied(binding: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "A secret camera"
    async with running("media", binding=binding) as house:
        asset = await house.port(media.Port).ingest(content=picture("JPEG", exif=exif), name="a.jpg")
        assert (asset.width, asset.height) == (1000, 800)
        kept = stored(house)[0].read_bytes()
        assert b"secret camera" not in kept
        assert not opened(kept).getexif()
        served = await house.port(media.Port).file(asset_id=asset.id, name="320.jpg")
        assert opened(served.content).size == (320, 256)
        assert opened(served.content).getpixel((300, 20))[0] > 200  # type: ignore[index]


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "AVIF", "GIF"])
def test_every_format_becomes_every_rendition(format_: str) -> None:
    clean = pictures.clean(picture(format_))
    assert (clean.width, clean.height) == (800, 1000)
    for wanted, name in (("avif", "AVIF"), ("webp", "WEBP"), ("jpg", "JPEG")):
        small = opened(pictures.rendition(clean.content, 160, wanted))
        assert (small.format, small.size) == (name, (160, 200))
        assert not small.getexif()


async def test_renditions_are_never_larger_than_the_picture_and_made_once(binding: str) -> None:
    async with running("media", binding=binding) as house:
        port = house.port(media.Port)
        asset = await port.ingest(content=picture(size=(300, 200)), name="a.png")
        files = await asyncio.gather(*(port.file(asset_id=asset.id, name="2560.webp") for _ in range(10)))
        assert {file.content for file in files} == {files[0].content}
        assert opened(files[0].content).size == (300, 200)
        assert len(stored(house)) == 2


async def test_what_is_no_picture_or_model_is_refused(binding: str) -> None:
    outside = {"asset": {"version": "2.0"}, "images": [{"uri": "https://tracker.example/x.png"}]}
    longer = {"asset": {"version": "2.0"}, "buffers": [{"byteLength": 900}]}
    wrong = [
        ("media_type", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("media_type", b""),
        ("media_type", b"%PDF-1.7"),
        ("media_too_large", bomb()),
        ("media_too_large", b"\xff\xd8\xff" + b"\0" * contents.MAX_BYTES),
        ("media_broken", picture()[:400]),
        ("media_broken", picture("JPEG")[:900]),
        ("media_broken", b"\xff\xd8\xff not a picture"),
        ("media_broken", glb(version=1)),
        ("media_broken", glb(extra=4)),
        ("media_broken", glb(outside)),
        ("media_broken", glb(longer)),
        ("media_broken", b"glTF"),
    ]
    async with running("media", binding=binding) as house:
        for code, content in wrong:
            with pytest.raises(Refusal) as refused:
                await house.port(media.Port).ingest(content=content, name="x.jpg")
            assert refused.value.code == code
        assert stored(house) == []
        assert await house.rows("media", "SELECT 1 FROM media.assets") == []


async def test_a_model_is_served_whole_in_part_and_not_again() -> None:
    async with running("media") as house:
        headers = house.sign_in_as("member")
        asset = await house.port(media.Port).ingest(content=glb(), name="ring.glb")
        url = f"{asset.url}/model.glb"
        whole = await house.rest.get(url, headers=headers)
        assert (whole.content, whole.headers["content-type"]) == (glb(), "model/gltf-binary")
        assert whole.headers["cache-control"] == "private, max-age=31536000, immutable"
        tag = whole.headers["etag"]
        assert (await house.rest.get(url, headers=headers | {"if-none-match": tag})).status_code == 304
        for asked, content in (("bytes=4-7", glb()[4:8]), ("bytes=-4", glb()[-4:]), ("bytes=8-", glb()[8:])):
            part = await house.rest.get(url, headers=headers | {"range": asked})
            assert (part.status_code, part.content) == (206, content)
        assert part.headers["content-range"] == f"bytes 8-{len(glb()) - 1}/{len(glb())}"
        assert (await house.rest.get(url, headers=headers | {"range": "bytes=9999-"})).status_code == 416
        assert (
            await house.rest.get(url, headers=headers | {"range": "bytes=4-7", "if-range": '"old"'})
        ).status_code == 200


@pytest.mark.parametrize(
    "name", ["481.webp", "480.png", "480", "model.glb", "..%2f480.webp", "４８０.webp", "480.webp.jpg"]
)
async def test_only_the_agreed_names_are_served(name: str) -> None:
    async with running("media") as house:
        asset = await house.port(media.Port).ingest(content=picture(), name="a.png")
        answer = await house.rest.get(f"{asset.url}/{name}", headers=house.sign_in_as("member"))
        assert answer.status_code == 404


async def test_a_lost_original_is_put_back_by_the_next_ingest(binding: str) -> None:
    async with running("media", binding=binding) as house:
        port = house.port(media.Port)
        asset = await port.ingest(content=picture(), name="a.png")
        stored(house)[0].unlink()
        with pytest.raises(Refusal) as refused:
            await port.file(asset_id=asset.id, name="480.webp")
        assert refused.value.code == "asset_unknown"
        await port.ingest(content=picture(), name="a.png")
        assert (await port.file(asset_id=asset.id, name="480.webp")).media_type == "image/webp"


async def test_the_placeholder_is_one_picture_of_ours(binding: str) -> None:
    async with running("media", binding=binding) as house:
        first = await house.port(media.Port).placeholder()
        assert await house.port(media.Port).placeholder() == first
        assert (first.width, first.height) == (1280, 1600)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 3), st.integers(0, 400), st.binary(min_size=1, max_size=8))
def test_a_damaged_file_is_refused_or_whole(kind: int, at: int, damage: bytes) -> None:
    content = [picture("PNG"), picture("JPEG"), picture("WEBP"), glb()][kind]
    damaged = content[:at] + damage + content[at + len(damage) :]
    with suppress(Refusal):
        assert contents.examine(damaged).kind in ("picture", "model")
