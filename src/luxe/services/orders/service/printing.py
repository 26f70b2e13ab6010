"""Bills and packing slips as PDF: Typst lays a sheet out with the fonts of the house. The same sheet gives the same bytes."""

from __future__ import annotations

import asyncio
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import noto_cjk_sans_jp_regular
import pylopdf_fonts_ar
import typst

_TEMPLATES = Path(__file__).parents[1] / "templates"
BILL, SLIP = _TEMPLATES / "bill.typ", _TEMPLATES / "slip.typ"


async def pdf_of(template: Path, sheet: Any) -> bytes:
    """Some twenty milliseconds of a thread of its own."""
    return await asyncio.to_thread(_pdf, template, msgspec.json.encode(sheet).decode())


def _pdf(template: Path, sheet: str) -> bytes:
    made = typst.Compiler(template, font_paths=_fonts(), ignore_system_fonts=True).compile(
        format="pdf", sys_inputs={"sheet": sheet}
    )
    if not isinstance(made, bytes):
        raise TypeError("Typst gave no PDF")
    return made


@cache
def _fonts() -> typst.Fonts:
    """Noto Sans CJK (with Latin and Cyrillic) and Noto Sans Arabic, both under the SIL Open Font License 1.1."""
    folders = [
        Path(package.__file__ or "").parent for package in (noto_cjk_sans_jp_regular, pylopdf_fonts_ar)
    ]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)
