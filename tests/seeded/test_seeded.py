"""Each planted bug is caught by the test that is named for it, and the documents say so."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from tests.architecture.tree import ROOT
from tests.seeded.conftest import QUICK, plants_all
from tests.seeded.faults import FAULTS, Fault
from tests.seeded.runner import Caught, all_seeded, plant, seed, table, told_in

DOCUMENT = ROOT / "docs" / "proof" / "seeded-bugs.md"


@pytest.fixture(scope="module")
def caught(request: pytest.FixtureRequest) -> Mapping[str, Caught]:
    everything = plants_all(request.config)
    wanted = [each for each in FAULTS if everything or each.schemas in QUICK]
    return {each.fault.name: each for each in all_seeded(wanted)}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda each: each.name)
def test_a_planted_bug_is_caught(fault: Fault, caught: Mapping[str, Caught]) -> None:
    assert caught[fault.name].by, caught[fault.name].output
    assert caught[fault.name].by.startswith(fault.test)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda each: each.name)
def test_every_fault_still_has_its_place_and_its_test(fault: Fault) -> None:
    assert (ROOT / fault.path).read_text().count(fault.old) == 1
    file, _, name = fault.test.partition("::")
    source = (ROOT / file).read_text()
    assert not name or re.search(rf"^(async )?def {re.escape(name)}\(", source, re.MULTILINE)


def test_the_document_tells_what_was_found(
    caught: Mapping[str, Caught], request: pytest.FixtureRequest
) -> None:
    document = DOCUMENT.read_text()
    if request.config.getoption("keep", False):
        document = document[: document.index("Seeded: ")] + table(caught.values())
        DOCUMENT.write_text(document)
    told = told_in(document)
    assert [(name, path) for name, (path, _) in told.items()] == [(each.name, each.path) for each in FAULTS]
    assert {name: told[name][1] for name in caught} == {name: each.by for name, each in caught.items()}


def test_a_fault_that_changes_nothing_is_not_caught() -> None:
    harmless = FAULTS[0]._replace(new=FAULTS[0].old + " ")
    assert seed(harmless).by == ""


def test_the_tests_pass_with_nothing_planted() -> None:
    assert plant(None, "tests/services/payments/test_payments_rules.py", "unit").returncode == 0
