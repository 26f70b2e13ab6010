"""The shape of Shopify's product CSV, and the values it carries.

Source: Shopify Help Centre, "Using CSV files to import and export products": several rows with one Handle are one
product; the first has the product's own columns, each that has option values or a price is a variant, each may add an image.
"""

from __future__ import annotations

import msgspec

from luxe.kernel.money import Money

HANDLE = "Handle"
TITLE = "Title"
BODY = "Body (HTML)"
VENDOR = "Vendor"
TYPE = "Type"
TAGS = "Tags"
PUBLISHED = "Published"
STATUS = "Status"
SKU = "Variant SKU"
GRAMS = "Variant Grams"
QUANTITY = "Variant Inventory Qty"
PRICE = "Variant Price"
COMPARE_AT = "Variant Compare At Price"
BARCODE = "Variant Barcode"
IMAGE = "Image Src"
POSITION = "Image Position"
ALT = "Image Alt Text"
VARIANT_IMAGE = "Variant Image"
OPTION_NAMES = ("Option1 Name", "Option2 Name", "Option3 Name")
OPTION_VALUES = ("Option1 Value", "Option2 Value", "Option3 Value")
NO_OPTION = ("Title", "Default Title")

COLUMNS = (
    *(HANDLE, TITLE, BODY, VENDOR, TYPE, TAGS, PUBLISHED),
    *(column for pair in zip(OPTION_NAMES, OPTION_VALUES, strict=True) for column in pair),
    *(
        SKU,
        GRAMS,
        "Variant Inventory Tracker",
        QUANTITY,
        "Variant Inventory Policy",
        "Variant Fulfillment Service",
    ),
    *(PRICE, COMPARE_AT, "Variant Requires Shipping", "Variant Taxable", BARCODE, IMAGE, POSITION, ALT),
    *("Gift Card", "SEO Title", "SEO Description", "Google Shopping / Google Product Category"),
    *("Google Shopping / Gender", "Google Shopping / Age Group", "Google Shopping / MPN"),
    *(
        "Google Shopping / AdWords Grouping",
        "Google Shopping / AdWords Labels",
        "Google Shopping / Condition",
    ),
    *(
        "Google Shopping / Custom Product",
        *(f"Google Shopping / Custom Label {number}" for number in range(5)),
    ),
    *(VARIANT_IMAGE, "Variant Weight Unit", "Variant Tax Code"),
)
_USED = {
    *(HANDLE, TITLE, BODY, VENDOR, TYPE, TAGS, PUBLISHED, SKU, GRAMS, QUANTITY, PRICE, COMPARE_AT, BARCODE),
    *(IMAGE, POSITION, ALT, VARIANT_IMAGE, *OPTION_NAMES, *OPTION_VALUES),
}


class PieceVariant(msgspec.Struct, frozen=True, kw_only=True):
    """`quantity` and `price` are None where their cells are empty. `extra` keeps columns that the house does not use."""

    options: list[str] = []
    sku: str = ""
    grams: int = 0
    quantity: int | None = None
    price: Money | None = None
    compare_at: Money | None = None
    barcode: str = ""
    image: str = ""
    extra: dict[str, str] = {}


class PieceImage(msgspec.Struct, frozen=True, kw_only=True):
    src: str
    alt: str = ""


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """A product as the CSV tells it, in one language and one currency."""

    handle: str
    title: str
    body: str = ""
    vendor: str
    type: str = ""
    tags: list[str] = []
    published: bool = True
    option_names: list[str] = []
    variants: list[PieceVariant]
    images: list[PieceImage] = []
    extra: dict[str, str] = {}


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong, where: the row as a spreadsheet counts it, the header being row 1."""

    row: int
    column: str
    message: str
    handle: str = ""

    def __str__(self) -> str:
        where = f"row {self.row}, {self.column}" if self.column else f"row {self.row}"
        return f"{where}: {self.message}" + (f" ({self.handle})" if self.handle else "")


class ReadPiece(msgspec.Struct, frozen=True, kw_only=True):
    """A piece with the rows that its parts stand in."""

    piece: Piece
    row: int
    variant_rows: list[int]


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """`pieces` are sound as far as a file can tell; a handle with a fault is not among them."""

    pieces: list[ReadPiece]
    faults: list[Fault]
    rows: int


def is_variant_column(column: str) -> bool:
    return column.startswith("Variant ") or column == "Cost per item"


def is_extra(column: str) -> bool:
    """Whether the house has no use for the column and only keeps it."""
    return column not in _USED
