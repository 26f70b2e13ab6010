"""The label of a parcel: a PDF of 100 by 150 millimetres, with the number as bars (Code 128, ISO/IEC 15417, set B)."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec
import noto_cjk_sans_jp_regular
import pylopdf_fonts_ar
import typst

from .wire import Order

TEMPLATE = Path(__file__).parent / "label.typ"
_TABLE = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222 "
    "123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321 "
    "232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 "
    "313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 "
    "111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 "
    "111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 "
    "114311 411113 411311 113141 114131 311141 411131 211412 211214 211232 2331112"
)
_WIDTHS = _TABLE.split()
_START_B, _STOP = 104, 106


def bars(text: str) -> list[int]:
    """Widths of bars and gaps in turn, in modules. Raises `ValueError` for what is not printable ASCII."""
    values = [ord(mark) - 32 for mark in text]
    if any(not 0 <= value < 95 for value in values):
        raise ValueError("Code 128 B has printable ASCII alone")
    check = (_START_B + sum(place * value for place, value in enumerate(values, start=1))) % 103
    return [int(width) for value in (_START_B, *values, check, _STOP) for width in _WIDTHS[value]]


def draw(order: Order, tracking_number: str) -> bytes:
    sheet = msgspec.to_builtins(order) | {"tracking": tracking_number, "bars": bars(tracking_number)}
    made = typst.Compiler(TEMPLATE, font_paths=_fonts(), ignore_system_fonts=True).compile(
        format="pdf", sys_inputs={"sheet": msgspec.json.encode(sheet).decode()}
    )
    if not isinstance(made, bytes):
        raise TypeError("Typst gave no PDF")
    return made


@cache
def _fonts() -> typst.Fonts:
    """Noto Sans CJK and Noto Sans Arabic, as invoices have them."""
    folders = [
        Path(package.__file__ or "").parent for package in (noto_cjk_sans_jp_regular, pylopdf_fonts_ar)
    ]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)
