"""Each planted bug is caught by the test that is named for it, and the documents say so."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from tests.architecture.tree import ROOT
from tests.seeded.faults import FAULTS, Fault
from tests.seeded.runner import Caught, all_seeded, plant, seed, table

DOCUMENT = ROOT / "docs" / "proof" / "seeded-bugs.md"
QUICK = ("unit",)
"""What is migrated for faults that need no service's tables: nothing at all."""


@pytest.fixture(scope="module")
def caught(request: pytest.FixtureRequest) -> Mapping[str, Caught]:
    everything = bool(request.config.getoption("all", False))
    wanted = [each for each in FAULTS if everything or each.schemas in QUICK]
    return {each.fault.name: each for each in all_seeded(wanted)}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda each: each.name)
def test_a_planted_bug_is_caught(fault: Fault, caught: Mapping[str, Caught]) -> None:
    if fault.name not in caught:
        pytest.skip("with --all")
    assert caught[fault.name].by, caught[fault.name].output


@pytest.mark.parametrize("fault", FAULTS, ids=lambda each: each.name)
def test_every_fault_still_has_its_place_and_its_test(fault: Fault) -> None:
    assert (ROOT / fault.path).read_text().count(fault.old) == 1
    file, _, name = fault.test.partition("::")
    source = (ROOT / file).read_text()
    assert not name or re.search(rf"^(async )?def {re.escape(name)}\(", source, re.MULTILINE)


def test_the_documents_tell_what_the_runner_finds() -> None:
    told = DOCUMENT.read_text()
    assert table(Caught(each, each.test, "") for each in FAULTS) in told


def test_a_fault_that_changes_nothing_is_not_caught() -> None:
    harmless = FAULTS[0]._replace(new=FAULTS[0].old + " ")
    assert seed(harmless).by == ""


def test_the_tests_pass_with_nothing_planted() -> None:
    assert plant(None, "tests/services/payments/test_payments_rules.py", "unit").returncode == 0
