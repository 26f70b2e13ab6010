"""The CSV as text: what it says, what is wrong with it and where, and that writing and reading are inverse."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from luxe.app.products import reading, sheet
from luxe.app.products.sheet import Piece, PieceImage, PieceVariant
from luxe.app.products.translating import packed, unpacked
from luxe.app.products.writing import write
from luxe.kernel.money import Money

SHARED = Path(__file__).parents[3] / "shared" / "data" / "products"


def table(*rows: dict[str, str]) -> bytes:
    """A CSV with Shopify's columns; a row needs only the cells that matter."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, sheet.COLUMNS, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def row(handle: str = "ring", **cells: str) -> dict[str, str]:
    names = {
        "title": "Title",
        "vendor": "Vendor",
        "price": "Variant Price",
        "size": "Option1 Value",
        "image": "Image Src",
    }
    return {"Handle": handle} | {names.get(name, name): cell for name, cell in cells.items()}


FIRST = row(title="Ring", vendor="Ondevar", price="42.99")


def faults(*rows: dict[str, str], currency: str = "CNY") -> list[str]:
    return [str(fault) for fault in reading.read(table(*rows), currency).faults]


def test_several_rows_are_one_product() -> None:
    rows = (
        FIRST
        | {"Option1 Name": "Size", "Option1 Value": "S", "Image Src": "a.jpg", "Tags": "gold, round, gold"},
        row(size="M", price="50", **{"Variant Inventory Qty": "-2", "Variant Taxable": "true"}),
        row(image="b.jpg", **{"Image Position": "1", "Image Alt Text": "Side"}),
    )
    piece = reading.read(table(*rows), "EUR").pieces[0].piece
    assert piece.option_names == ["Size"]
    assert [(variant.options, variant.price, variant.quantity) for variant in piece.variants] == [
        (["S"], Money(42_99, "EUR"), None),
        (["M"], Money(50_00, "EUR"), 0),
    ]
    assert piece.tags == ["gold", "round"]
    assert piece.images == [PieceImage(src="a.jpg"), PieceImage(src="b.jpg", alt="Side")]
    assert piece.variants[1].extra == {"Variant Taxable": "true"}


def test_title_default_title_is_no_option() -> None:
    plain = FIRST | {"Option1 Name": "Title", "Option1 Value": "Default Title"}
    assert reading.read(table(plain), "CNY").pieces[0].piece.option_names == []


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([FIRST | {"Title": ""}], "row 2, Title: empty (ring)"),
        ([FIRST | {"Vendor": " "}], "row 2, Vendor: empty; it names the house that makes the piece (ring)"),
        (
            [FIRST | {"Variant Price": "4,2"}],
            "row 2, Variant Price: '4,2' is not an amount such as 1200 or 42.99 (ring)",
        ),
        (
            [FIRST | {"Variant Price": "4.999"}],
            "row 2, Variant Price: '4.999' has more digits than CNY has (ring)",
        ),
        ([FIRST | {"Variant Grams": "-1"}], "row 2, Variant Grams: a weight is not negative (ring)"),
        (
            [FIRST | {"Variant Inventory Qty": "two"}],
            "row 2, Variant Inventory Qty: 'two' is not a whole number (ring)",
        ),
        ([FIRST | {"Published": "maybe"}], "row 2, Published: 'maybe' is neither true nor false (ring)"),
        ([FIRST, row(title="Other")], "row 3, Title: another title under the handle 'ring' (ring)"),
        (
            [FIRST, row(size="M", price="1")],
            "row 2, Option1 Name: empty, but row 3 has a value for it (ring)",
        ),
        (
            [FIRST | {"Option1 Name": "Size", "Option1 Value": "S"}, row(size="S", price="1")],
            "row 3, Option1 Value: the same options as row 2 (ring)",
        ),
        ([FIRST, row("", title="Lost")], "row 3, Handle: empty"),
    ],
)
def test_a_fault_names_row_and_column(rows: list[dict[str, str]], expected: str) -> None:
    assert faults(*rows) == [expected]


def test_a_bad_row_rejects_its_product_only() -> None:
    found = reading.read(
        table(FIRST, row("b", title="B", vendor="V", price="x"), row("c", title="C", vendor="V")), "CNY"
    )
    assert [read.piece.handle for read in found.pieces] == ["ring", "c"]
    assert [(fault.row, fault.column) for fault in found.faults] == [(3, "Variant Price")]


def test_too_many_cells_reject_the_product() -> None:
    found = reading.read(b"Handle,Title,Vendor\na,A,V\nb,B,V,more\n", "CNY")
    assert [read.piece.handle for read in found.pieces] == ["a"]
    assert [str(fault) for fault in found.faults] == ["row 3: 4 cells where the first row has 3 (b)"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"Name,Price\nx,1\n", "the first row has no column Handle and Title"),
        (b"", "the first row has no column Handle and Title"),
        (b"Handle,Title\n\xff\xfe,x\n", "not UTF-8 at byte 13"),
        (b'Handle,Title\na,"open\n', "line 2: unexpected end of data"),
        (b"Handle,Title,Title\n", "the column Title is there twice"),
    ],
)
def test_what_is_no_product_csv_is_said_so(content: bytes, message: str) -> None:
    with pytest.raises(reading.Unreadable) as refused:
        reading.read(content, "CNY")
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("name", "products", "variants", "images"), [("apparel", 20, 22, 20), ("jewelery", 20, 23, 41)]
)
@pytest.mark.skipif(not SHARED.exists(), reason="the shared files are not beside this checkout")
def test_the_shared_files_are_read_without_a_lost_row(
    name: str, products: int, variants: int, images: int
) -> None:
    content = (SHARED / f"{name}.csv").read_bytes()
    found = reading.read(content, "EUR")
    pieces = [read.piece for read in found.pieces]
    assert found.faults == []
    assert len(pieces) == products
    assert sum(len(piece.variants) for piece in pieces) == variants
    assert sum(len(piece.images) for piece in pieces) == images
    again = [read.piece for read in reading.read(write(pieces).encode(), "EUR").pieces]
    assert again == pieces


text = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=30)
word = text.map(str.strip).filter(bool)
tag = word.map(lambda said: said.replace(",", " ").strip()).filter(bool)
amount = st.integers(0, 10**10).map(lambda minor: Money(minor, "CNY"))
positive = st.integers(1, 10**10).map(lambda minor: Money(minor, "CNY"))


def extras(columns: list[str]) -> st.SearchStrategy[dict[str, str]]:
    return st.dictionaries(st.sampled_from(columns), text.filter(bool))


@st.composite
def variants(draw: st.DrawFn, axes: int) -> list[PieceVariant]:
    options = draw(
        st.lists(
            st.lists(text.filter(bool), min_size=axes, max_size=axes), min_size=1, max_size=4, unique_by=tuple
        )
    )
    skus = draw(
        st.lists(text, min_size=len(options), max_size=len(options)).filter(
            lambda all_: len({*all_} - {""}) == len([s for s in all_ if s])
        )
    )
    return [
        PieceVariant(
            options=values if axes else [],
            sku=sku,
            grams=draw(st.integers(0, 10**8)),
            quantity=draw(st.none() | st.integers(0, 10**6)),
            price=(price := draw(st.none() | amount)),
            compare_at=draw(st.none() | positive) if price is not None else None,
            barcode=draw(text),
            image=draw(st.just("") | word),
            extra=draw(extras(["Variant Taxable", "Variant Tax Code", "Cost per item"])),
        )
        for values, sku in zip(options if axes else [[]], skus, strict=False)
    ]


@st.composite
def pieces(draw: st.DrawFn) -> Piece:
    names = draw(st.lists(text.filter(bool), max_size=3))
    return Piece(
        handle=draw(word),
        title=draw(text.filter(str.strip)),
        body=draw(text),
        vendor=draw(word),
        type=draw(text.map(str.strip)),
        tags=draw(st.lists(tag, max_size=4, unique=True)),
        published=draw(st.booleans()),
        option_names=names,
        variants=draw(variants(len(names))),
        images=draw(
            st.lists(st.builds(PieceImage, src=word, alt=text), max_size=5, unique_by=lambda image: image.src)
        ),
        extra=draw(extras(["SEO Title", "Gift Card", "A column of our own"])),
    )


@settings(max_examples=200, deadline=None)
@given(st.lists(pieces(), max_size=3, unique_by=lambda piece: piece.handle))
def test_what_is_written_reads_back_the_same(listed: list[Piece]) -> None:
    listed = [piece for piece in listed if not _reads_as_plain(piece)]
    found = reading.read(write(listed).encode(), "CNY")
    assert found.faults == []
    assert [read.piece for read in found.pieces] == listed


@settings(deadline=None)
@given(pieces())
def test_unused_columns_unpack_to_what_was_packed(piece: Piece) -> None:
    own, of_variants = unpacked(packed(piece), len(piece.variants))
    assert own == piece.extra
    wanted = [each.extra | ({"Variant Image": each.image} if each.image else {}) for each in piece.variants]
    assert [{name: value for name, value in extra.items() if value} for extra in of_variants] == wanted


def _reads_as_plain(piece: Piece) -> bool:
    """An option called Title whose only value is Default Title is Shopify's way to say that there is none."""
    return piece.option_names[:1] == ["Title"] and len(piece.variants) == 1
