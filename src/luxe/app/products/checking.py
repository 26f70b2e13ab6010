"""The catalogue's own rules, asked before anything is imported, their faults told by row and column."""

from __future__ import annotations

from luxe.app.products import sheet
from luxe.app.products.sheet import Fault, ReadPiece
from luxe.kernel.errors import Refusal
from luxe.services.catalog.contract import ProductDraft
from luxe.services.catalog.domain import drafts

_COLUMNS = {
    "slug": sheet.HANDLE,
    "title": sheet.TITLE,
    "body": sheet.BODY,
    "tags": sheet.TAGS,
    "pictures": sheet.IMAGE,
}
_OF_VARIANTS = {"sku": sheet.SKU, "weight_grams": sheet.GRAMS, "options": sheet.OPTION_VALUES[0]}


def cleaned(draft: ProductDraft) -> ProductDraft:
    """The draft as the catalogue would keep it."""
    return drafts.sanitised(draft)


def faults(read: ReadPiece, draft: ProductDraft) -> list[Fault]:
    """What the catalogue would refuse of this draft."""
    try:
        drafts.check(cleaned(draft))
    except Refusal as refusal:
        return [_fault(read, each["field"], each["message"]) for each in refusal.extra["errors"]]
    return []


def _fault(read: ReadPiece, field: str, message: str) -> Fault:
    parts = field.split(".")
    row, column = read.row, _COLUMNS.get(parts[0], "")
    if parts[0] == "options" and len(parts) > 1:
        column = sheet.OPTION_NAMES[min(int(parts[1]), 2)]
    if parts[0] == "variants" and len(parts) > 2:
        row, column = read.variant_rows[int(parts[1])], _OF_VARIANTS.get(parts[2], "")
    return Fault(row=row, column=column, message=message, handle=read.piece.handle)
