"""The demo house's pictures and models exist, decode, stay within their budgets and carry nothing else."""

import json
import struct
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

DEMO = Path(__file__).parents[2] / "demo"
HOUSE: dict[str, Any] = json.loads((DEMO / "house.json").read_text("utf-8"))
PICTURES = [picture["file"] for product in HOUSE["products"] for picture in product["pictures"]]
EDITORIALS = [editorial["picture"] for editorial in HOUSE["editorials"]]
MODELS = [product["model"] for product in HOUSE["products"] if product["model"]]
TILE = (0xF3, 0xF1, 0xED)
COUNTS = {5121: 1, 5123: 2, 5125: 4, 5126: 4}
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}
# The longest side of each model in metres, with room for a redesign but none for a wrong unit.
LONGEST = {
    "meridian-38-rose.glb": (0.04, 0.09),
    "coussin-onyx.glb": (0.04, 0.09),
    "solstice-ring.glb": (0.02, 0.04),
    "orbit-cuff.glb": (0.05, 0.09),
    "halo-pearl-earrings.glb": (0.03, 0.07),
    "arcade-28.glb": (0.25, 0.42),
    "carnet-card-case.glb": (0.09, 0.13),
    "riva-panto.glb": (0.13, 0.18),
    "lido-round.glb": (0.13, 0.18),
    "hatsuyuki-cup.glb": (0.12, 0.18),
    "kumo-vase.glb": (0.25, 0.33),
    "layl-parfum.glb": (0.10, 0.18),
    "no-7-fountain-pen.glb": (0.10, 0.18),
}


def read_glb(path: Path) -> tuple[dict[str, Any], bytes]:
    """Return the document and body of a GLB file, checking its frame on the way."""
    raw = path.read_bytes()
    magic, version, length = struct.unpack_from("<4sII", raw)
    assert (magic, version, length) == (b"glTF", 2, len(raw))
    text_length, text_kind = struct.unpack_from("<I4s", raw, 12)
    assert text_kind == b"JSON"
    assert text_length % 4 == 0
    document = json.loads(raw[20 : 20 + text_length])
    body_length, body_kind = struct.unpack_from("<I4s", raw, 20 + text_length)
    assert body_kind == b"BIN\0"
    body = raw[28 + text_length :]
    assert len(body) == body_length
    return document, body


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_a_portrait_on_the_tile(name: str):
    path = DEMO / "pictures" / name
    assert path.stat().st_size <= 130_000
    with Image.open(path) as image:
        assert (image.format, image.size) == ("WEBP", (1200, 1500))
        assert not {"exif", "xmp", "icc_profile"} & set(image.info)
        corners = [image.convert("RGB").getpixel(place) for place in ((4, 4), (1195, 4))]
    if not name.endswith(("-2.webp", "-3.webp")):
        for corner in corners:
            assert isinstance(corner, tuple)
            assert all(abs(value - tile) <= 3 for value, tile in zip(corner, TILE, strict=True))


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_shows_something(name: str):
    with Image.open(DEMO / "pictures" / name) as image:
        grey = image.convert("L").resize((120, 150))
    drawn = sum(count for value, count in enumerate(grey.histogram()) if value < 225)
    assert drawn / (120 * 150) > 0.015


@pytest.mark.parametrize("name", EDITORIALS)
def test_an_editorial_is_a_landscape(name: str):
    path = DEMO / "pictures" / name
    assert path.stat().st_size <= 350_000
    with Image.open(path) as image:
        image.load()
        assert (image.format, image.size) == ("WEBP", (2000, 1250))
        assert not {"exif", "xmp", "icc_profile"} & set(image.info)


def test_every_piece_has_two_or_three_pictures():
    assert all(2 <= len(product["pictures"]) <= 3 for product in HOUSE["products"])
    assert len(set(PICTURES)) == len(PICTURES)
    assert {text["picture"] for text in HOUSE["journal"]} <= set(EDITORIALS)


def test_nothing_lies_about_unused():
    assert {path.name for path in (DEMO / "pictures").iterdir()} == {*PICTURES, *EDITORIALS}
    assert {path.name for path in (DEMO / "models").iterdir()} == set(MODELS)


def test_the_whole_house_stays_small():
    total = sum(
        path.stat().st_size for folder in ("pictures", "models") for path in (DEMO / folder).iterdir()
    )
    assert total < 25_000_000


def test_enough_pieces_can_be_turned_around():
    assert len(MODELS) >= 8
    assert set(MODELS) == set(LONGEST)


@pytest.mark.parametrize("name", MODELS)
def test_a_model_is_plain_gltf(name: str):
    path = DEMO / "models" / name
    assert path.stat().st_size <= 800_000
    document, body = read_glb(path)
    assert document["asset"]["version"] == "2.0"
    assert "extensionsRequired" not in document
    assert document["buffers"] == [{"byteLength": len(body)}]
    for view in document["bufferViews"]:
        assert view["byteOffset"] % 4 == 0
        assert view["byteOffset"] + view["byteLength"] <= len(body)
    for accessor in document["accessors"]:
        size = accessor["count"] * COUNTS[accessor["componentType"]] * WIDTHS[accessor["type"]]
        assert size == document["bufferViews"][accessor["bufferView"]]["byteLength"]


@pytest.mark.parametrize("name", MODELS)
def test_a_model_indexes_only_its_own_vertices(name: str):
    document, body = read_glb(DEMO / "models" / name)
    for primitive in document["meshes"][0]["primitives"]:
        assert primitive["material"] < len(document["materials"])
        accessor = document["accessors"][primitive["indices"]]
        view = document["bufferViews"][accessor["bufferView"]]
        letter = {5123: "H", 5125: "I"}[accessor["componentType"]]
        indices = struct.unpack_from(f"<{accessor['count']}{letter}", body, view["byteOffset"])
        vertices = document["accessors"][primitive["attributes"]["POSITION"]]["count"]
        assert len(indices) % 3 == 0
        assert max(indices) < vertices


@pytest.mark.parametrize("name", MODELS)
def test_a_models_normals_are_of_unit_length(name: str):
    document, body = read_glb(DEMO / "models" / name)
    for primitive in document["meshes"][0]["primitives"]:
        accessor = document["accessors"][primitive["attributes"]["NORMAL"]]
        start = document["bufferViews"][accessor["bufferView"]]["byteOffset"]
        for x, y, z in struct.iter_unpack("<3f", body[start : start + 12 * accessor["count"]]):
            assert abs(x * x + y * y + z * z - 1) < 0.001


@pytest.mark.parametrize("name", MODELS)
def test_a_model_has_its_real_size_and_stands_on_the_floor(name: str):
    document, _ = read_glb(DEMO / "models" / name)
    places = [
        document["accessors"][primitive["attributes"]["POSITION"]]
        for primitive in document["meshes"][0]["primitives"]
    ]
    low = [min(place["min"][axis] for place in places) for axis in range(3)]
    high = [max(place["max"][axis] for place in places) for axis in range(3)]
    shortest, longest = LONGEST[name]
    assert shortest <= max(top - bottom for bottom, top in zip(low, high, strict=True)) <= longest
    assert abs(low[1]) < 0.001
