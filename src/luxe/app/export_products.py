"""`luxe export products`: writes every product of the house as a Shopify product CSV."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from luxe.app.house import Composition
from luxe.app.import_products import UNITS
from luxe.app.products.exporting import export_pieces
from luxe.app.products.sheet import Piece
from luxe.app.products.writing import write
from luxe.kernel.settings import Settings


def run(settings: Settings, file: Path | None = None, *, currency: str = "") -> int:
    """To standard output without a file. A file appears whole or not at all."""
    pieces = asyncio.run(_export(settings, currency or settings.base_currency))
    text = write(pieces)
    if file is None:
        sys.stdout.write(text)
        return 0
    fresh = file.with_name(f".{file.name}.part")
    fresh.write_text(text, encoding="utf-8", newline="")
    fresh.replace(file)
    print(f"{len(pieces)} products with {sum(len(piece.variants) for piece in pieces)} variants in {file}")
    return 0


async def _export(settings: Settings, currency: str) -> list[Piece]:
    composition = Composition(settings, UNITS)
    try:
        await composition.start(background=False)
        return await export_pieces(composition.house, currency=currency, locale=settings.default_locale)
    finally:
        await composition.stop()
