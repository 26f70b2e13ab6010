"""The files Vite built, found by the names templates use."""

import base64
import hashlib
import json
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

DIST = Path(__file__).parents[1] / "static" / "dist"
PREFIX = "/static/dist/"

ENTRIES = {"house": "src/house.ts", "office": "src/office.ts", "reference": "src/reference.ts"}
STYLES = {"house": ("house",), "office": ("house", "office"), "reference": ("reference",)}
STYLE_SOURCE = "../src/luxe/web/design/styles/{name}.css"
SCRIPT_FACES = {"zh": "src/chinese.css", "ar": "src/arabic.css"}
INTER = "inter-latin-wght-normal.woff2"
PRELOADED = {
    "zh": (INTER, "cormorant-garamond-latin-300-normal.woff2"),
    "ar": ("noto-naskh-arabic-arabic-wght-normal.woff2", "noto-sans-arabic-arabic-wght-normal.woff2"),
    "": (INTER, "cormorant-garamond-latin-300-normal.woff2"),
}


class Script(NamedTuple):
    """`source` is the module that it was built from; without `at_once` it comes when the page has a use for it."""

    url: str
    integrity: str
    source: str
    at_once: bool


class Assets:
    """Reads the build manifest once; addresses are hashed, so they may be cached for ever."""

    def __init__(self, dist: Path = DIST) -> None:
        self.dist = dist

    @cached_property
    def manifest(self) -> dict[str, dict]:
        return json.loads((self.dist / "manifest.json").read_text())

    def asset(self, entry: str) -> str:
        """The address of an entry's script."""
        return PREFIX + self.manifest[ENTRIES[entry]]["file"]

    def imports(self, entry: str) -> list[str]:
        """The addresses of the chunks an entry's script imports at once, to be fetched beside it."""
        return [
            PREFIX + self.manifest[name]["file"] for name in self.manifest[ENTRIES[entry]].get("imports", [])
        ]

    @cached_property
    def integrity(self) -> dict[str, str]:
        """Every script that Vite built: address → digest, as `integrity` attributes write it (W3C SRI, SHA-384)."""
        files = sorted({item["file"] for item in self.manifest.values() if item["file"].endswith(".js")})
        return {PREFIX + file: _digest((self.dist / file).read_bytes()) for file in files}

    def scripts(self, entry: str) -> list[Script]:
        """Every script that a page with this entry may ever load: at once, or when one of them asks for more."""
        found: dict[str, bool] = {}
        waiting = [(ENTRIES[entry], True)]
        while waiting:
            name, at_once = waiting.pop()
            if found.get(name) or (name in found and not at_once):
                continue
            found[name] = at_once
            item = self.manifest[name]
            waiting += [(each, at_once) for each in item.get("imports", [])]
            waiting += [(each, False) for each in item.get("dynamicImports", [])]
        scripts = [
            Script(
                url=(url := PREFIX + item["file"]),
                integrity=self.integrity[url],
                source=name,
                at_once=at_once,
            )
            for name, at_once in found.items()
            if (item := self.manifest[name])["file"].endswith(".js")
        ]
        return sorted(scripts, key=lambda script: (not script.at_once, script.url))

    def styles(self, entry: str) -> list[str]:
        """The addresses of an entry's style sheets, in order."""
        return [PREFIX + self.manifest[STYLE_SOURCE.format(name=name)]["file"] for name in STYLES[entry]]

    def script_faces(self, locale: str) -> str | None:
        """The style sheet of a script's own faces; it is large, so pages load it last."""
        source = SCRIPT_FACES.get(locale[:2])
        return PREFIX + self.manifest[source]["file"] if source else None

    def faces(self, locale: str) -> list[str]:
        """The addresses of the font files every page of a locale needs at once."""
        names = PRELOADED.get(locale[:2], PRELOADED[""])
        by_name = {Path(source).name: item["file"] for source, item in self.manifest.items()}
        return [PREFIX + by_name[name] for name in names if name in by_name]


def _digest(content: bytes) -> str:
    return "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()
