"""Writes pieces as a product CSV, the inverse of reading it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import zip_longest

from luxe.app.products import sheet
from luxe.app.products.sheet import Piece, PieceImage, PieceVariant
from luxe.kernel.money import Money


def write(pieces: Iterable[Piece]) -> str:
    """UTF-8 text with the columns that Shopify writes, then those that some piece has besides."""
    listed = list(pieces)
    besides = {column for piece in listed for column in piece.extra}
    besides |= {column for piece in listed for variant in piece.variants for column in variant.extra}
    columns = [*sheet.COLUMNS, *sorted(besides - set(sheet.COLUMNS))]
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\r\n")
    writer.writeheader()
    for piece in listed:
        writer.writerows(_rows(piece))
    return out.getvalue()


def _rows(piece: Piece) -> Iterator[dict[str, str]]:
    for index, (variant, image) in enumerate(zip_longest(piece.variants, piece.images)):
        row = {sheet.HANDLE: piece.handle}
        if index == 0:
            row |= _first(piece)
        if variant is not None:
            row |= _variant(variant)
        if image is not None:
            row |= _image(index + 1, image)
        yield row


def _first(piece: Piece) -> dict[str, str]:
    names = piece.option_names or [sheet.NO_OPTION[0]]
    return {
        sheet.TITLE: piece.title,
        sheet.BODY: piece.body,
        sheet.VENDOR: piece.vendor,
        sheet.TYPE: piece.type,
        sheet.TAGS: ", ".join(piece.tags),
        sheet.PUBLISHED: str(piece.published).lower(),
        **dict(zip(sheet.OPTION_NAMES, names, strict=False)),
        **piece.extra,
    }


def _variant(variant: PieceVariant) -> dict[str, str]:
    values = variant.options or [sheet.NO_OPTION[1]]
    return {
        **dict(zip(sheet.OPTION_VALUES, values, strict=False)),
        sheet.SKU: variant.sku,
        sheet.GRAMS: str(variant.grams),
        sheet.QUANTITY: "" if variant.quantity is None else str(variant.quantity),
        sheet.PRICE: _amount(variant.price),
        sheet.COMPARE_AT: _amount(variant.compare_at),
        sheet.BARCODE: variant.barcode,
        sheet.VARIANT_IMAGE: variant.image,
        **variant.extra,
    }


def _image(position: int, image: PieceImage) -> dict[str, str]:
    return {sheet.IMAGE: image.src, sheet.POSITION: str(position), sheet.ALT: image.alt}


def _amount(money: Money | None) -> str:
    """`1200` or `42.90`: decimals only where they say something."""
    if money is None:
        return ""
    exact = money.decimal
    return str(int(exact)) if exact == exact.to_integral_value() else f"{exact:f}"
