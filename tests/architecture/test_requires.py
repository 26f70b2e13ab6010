"""A manifest's `requires` names the units whose ports its code takes, no more and no fewer, and never in a circle."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from luxe.app.registry import manifests, unit_names
from tests.architecture.tree import PACKAGE

_CONTRACT = re.compile(r"^luxe\.(?:services|sagas)\.(\w+)(?:\.contract)?$")


def folder_of(unit: str) -> Path:
    return next(
        path
        for path in (PACKAGE / "services" / unit, PACKAGE / "sagas" / unit, PACKAGE / unit)
        if path.is_dir()
    )


def ports_taken(source: str) -> set[str]:
    """Units whose port a module asks the house for: `house.port(bag_contract.Port)`, `house.port(BagPort)`."""
    tree = ast.parse(source)
    units: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (match := _CONTRACT.match(node.module or "")):
            for alias in node.names:
                units[alias.asname or alias.name] = match.group(1)
    taken = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "port":
            asked = ast.unparse(node.args[0]).split(".")[0]
            taken.add(units[asked])
    return taken


def circle(requires: Mapping[str, Iterable[str]]) -> Sequence[str]:
    """The units of one circle, or none."""
    try:
        TopologicalSorter(requires).prepare()
    except CycleError as error:
        return error.args[1]
    return ()


def test_there_is_no_circle() -> None:
    assert circle({each.name: each.requires for each in manifests()}) == ()


@pytest.mark.parametrize("unit", unit_names())
def test_requires_is_what_is_taken(unit: str) -> None:
    declared = next(each for each in manifests() if each.name == unit).requires
    modules = [path for path in folder_of(unit).rglob("*.py") if "migrations" not in path.parts]
    taken = set[str]().union(*(ports_taken(path.read_text()) for path in modules)) - {unit}
    assert set(declared) == taken
    assert len(declared) == len(set(declared))


def test_a_port_taken_in_any_way_is_seen() -> None:
    renamed = "from luxe.services.orders.contract import Port as OrdersPort\nasync def do(run): await run.house.port(OrdersPort).place()"
    whole = "from luxe.services.bag import contract as bag\nclass A:\n  def __init__(self, house): self.bag = house.port(bag.Port)"
    assert ports_taken(renamed) == {"orders"}
    assert ports_taken(whole) == {"bag"}


def test_a_circle_is_seen() -> None:
    assert set(circle({"bag": ["catalog"], "catalog": ["search"], "search": ["bag"]})) == {
        "bag",
        "catalog",
        "search",
    }
