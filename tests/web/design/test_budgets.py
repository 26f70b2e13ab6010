"""What a page weighs before anybody touches it: script at most 45 KB, a page at most 40 KB, both compressed."""

import gzip

import pytest

from luxe.web.design.assets import DIST, PREFIX, Assets
from tests.web.design.samples.registry import render, samples, templates

SCRIPT = 45_000
HTML = 40_000


def compressed(address: str) -> int:
    return len(gzip.compress((DIST / address.removeprefix(PREFIX)).read_bytes()))


@pytest.mark.parametrize("entry", ["house", "office"])
def test_script_before_interaction(entry: str) -> None:
    assets = Assets()
    first = compressed(assets.asset(entry)) + sum(compressed(address) for address in assets.imports(entry))
    islands = [
        item
        for source, item in assets.manifest.items()
        if item.get("isDynamicEntry") and source.startswith("src/")
    ]
    assert first + sum(compressed(PREFIX + item["file"]) for item in islands) <= SCRIPT


def test_the_viewer_comes_on_intent() -> None:
    assets = Assets()
    viewer = next(item for source, item in assets.manifest.items() if source.endswith("model-viewer.js"))
    assert viewer["isDynamicEntry"]
    assert all(viewer["file"] not in address for address in assets.imports("house"))


def test_pages_are_light() -> None:
    pages = templates()
    heavy = {
        sample.name: size
        for sample in samples("en")
        if (size := len(gzip.compress(render(pages, sample).encode()))) > HTML
    }
    assert heavy == {}


def test_decoders_are_ours() -> None:
    for file in ("draco/draco_decoder.wasm", "basis/basis_transcoder.wasm", "meshopt/meshopt_decoder.js"):
        assert (DIST / "decoders" / file).stat().st_size > 1_000
