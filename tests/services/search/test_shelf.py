"""The index on disk, without a house: kill -9 while it is written, and speed that does not fall apart with size."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luxe.services.search.contract import Query
from luxe.services.search.domain import questions, spoken
from luxe.services.search.domain.pieces import Cost, IndexedPiece, Kept, collation_key
from luxe.services.search.store import lookup
from luxe.services.search.store.schema import document
from luxe.services.search.store.shelf import Shelf

WRITER = """
import sys
from pathlib import Path
from luxe.services.search.store.shelf import Shelf
from tests.services.search.test_shelf import piece

shelf = Shelf(Path(sys.argv[1]))
number = 0
while True:
    shelf.write([], [piece(number * 10 + each) for each in range(10)])
    number += 1
    print(number, flush=True)
"""


def piece(number: int, title: str = "Piece") -> IndexedPiece:
    kept = Kept(
        slug=f"piece-{number}",
        brand="Ondevar",
        titles={"en": f"{title} {number}"},
        costs={"CNY": Cost(minor=number, compare_at=None, discount=0)},
        available=True,
    )
    return IndexedPiece(
        id=f"prod_{number}",
        kept=kept,
        brand="ondevar",
        categories=["rings"],
        options=[],
        tags=[],
        skus=[],
        titles=kept.titles,
        bodies={},
        published=number,
        exclusive=False,
        model=False,
    )


def total(shelf: Shelf) -> int:
    searcher = shelf.searcher()
    assert searcher is not None
    return lookup.ask(searcher, Query()).total


@pytest.mark.parametrize("round_", range(3))
def test_a_killed_writer_loses_nothing_it_acknowledged(tmp_path: Path, round_: int) -> None:
    Shelf(tmp_path).build([])
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3]
    ) as writer:
        assert writer.stdout is not None
        acknowledged = 0
        while acknowledged < 5 + round_ * 4:
            acknowledged = int(writer.stdout.readline())
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        acknowledged = max([acknowledged, *(int(line) for line in writer.stdout if line.strip())])
    shelf = Shelf(tmp_path)
    found = total(shelf)
    assert found in (acknowledged * 10, acknowledged * 10 + 10)
    shelf.write(["prod_0"], [])
    assert total(shelf) == found - 1


def test_a_new_index_replaces_the_old_for_those_who_look_again(tmp_path: Path) -> None:
    one, other = Shelf(tmp_path), Shelf(tmp_path)
    assert one.searcher() is None
    one.build([document(piece(1))])
    assert total(other) == 1
    one.build([document(piece(number)) for number in range(5)])
    assert (total(one), total(other)) == (5, 5)
    assert len([path for path in tmp_path.iterdir() if path.is_dir()]) == 1
    (tmp_path / "current").write_text("v0-index_of_another_version")
    assert one.searcher() is None


def test_names_sort_as_readers_of_each_language_expect() -> None:
    assert sorted(["中", "阿", "博"], key=lambda said: collation_key(said, "zh-CN")) == ["阿", "博", "中"]
    assert sorted(["Zeta", "élan", "Alba"], key=lambda said: collation_key(said, "fr")) == [
        "Alba",
        "élan",
        "Zeta",
    ]


@given(st.text(max_size=300))
def test_any_text_is_a_query(text: str) -> None:
    questions.check(spoken.understood(Query(text=text)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("price < 100.50", Query(price_to=100_49)),
        ("brand: Maison Elan; sort by price ascending", Query(brands=["maison-elan"], sort="price_up")),
        (
            "price >= 5,000 and price <= 10,000, rings",
            Query(text="rings", price_from=5_000_00, price_to=10_000_00),
        ),
        ("a bag = a bag", Query(text="a bag = a bag")),
    ],
)
def test_typed_conditions(text: str, expected: Query) -> None:
    assert spoken.understood(Query(text=text)) == expected
