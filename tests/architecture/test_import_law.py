"""The import law holds, and each of its contracts notices a violation planted in a copy of the package."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

PLANTS = {
    "Floors: app > web > sagas > services > kernel": ("luxe.kernel.money", "luxe.services.bag.contract"),
    "Inside a service": ("luxe.services.bag.store", "luxe.services.bag.service"),
    "Inside a saga": ("luxe.sagas.checkout.steps", "luxe.sagas.checkout.service"),
    "Services know each other only by contract": ("luxe.services.bag.service", "luxe.services.orders.store"),
    "Sagas know each other only by contract": ("luxe.sagas.join.steps", "luxe.sagas.checkout.steps"),
    "Sagas and web see only the contracts of services": (
        "luxe.web.storefront.hub",
        "luxe.services.orders.domain",
    ),
    "Web sees only the contracts of sagas": ("luxe.web.storefront.hub", "luxe.sagas.checkout.service"),
    "Contracts lean on the kernel alone": ("luxe.services.bag.contract", "luxe.services.orders.contract"),
    "domain.py and contract.py are pure": ("luxe.services.bag.domain", "sqlalchemy"),
    "Inside the web: surfaces do not know each other": ("luxe.web.office.desk", "luxe.web.storefront.guard"),
    "The outside parties and the house meet only over the wire": (
        "luxe_outside.process",
        "luxe.kernel.clock",
    ),
}


def lint(folder: Path) -> str:
    """What lint-imports says of the packages in `folder`/src."""
    lint_imports = f"{sysconfig.get_path('scripts')}/lint-imports"
    environment = {**os.environ, "PYTHONPATH": str(folder / "src"), "NO_COLOR": "1", "COLUMNS": "300"}
    argv = [lint_imports, "--no-cache", "--config", str(folder / ".importlinter")]
    return subprocess.run(argv, cwd=folder, env=environment, capture_output=True, text=True).stdout


def file_of(folder: Path, module: str) -> Path:
    path = folder / "src" / module.replace(".", "/")
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The verdict over a copy in which every contract is broken once, and one room is nobody's."""
    folder = tmp_path_factory.mktemp("planted")
    shutil.copy(ROOT / ".importlinter", folder)
    only_python = shutil.ignore_patterns("__pycache__", "*.png", "*.webp", "*.po", "dist", "static")
    shutil.copytree(ROOT / "src", folder / "src", ignore=only_python)
    for importer, imported in PLANTS.values():
        with file_of(folder, importer).open("a") as file:
            file.write(f"\nimport {imported}\n")
    (folder / "src/luxe/services/bag/attic.py").write_text('"""A room that nobody planned."""\n')
    return lint(folder)


def broken(verdicts: str, contract: str) -> str:
    """The report on one broken contract; empty if it was kept."""
    _, _, reports = verdicts.partition("Broken contracts")
    parts = re.split(r"^(.+)\n-+\n", reports, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True)).get(contract, "")


def test_the_law_holds() -> None:
    verdict = lint(ROOT)
    assert re.search(rf"Contracts: {len(PLANTS)} kept, 0 broken", verdict), verdict


@pytest.mark.parametrize("contract", PLANTS)
def test_a_planted_violation_is_seen(verdicts: str, contract: str) -> None:
    importer, imported = PLANTS[contract]
    assert f"{importer} -> {imported}" in broken(verdicts, contract), verdicts


def test_an_unplanned_room_is_seen(verdicts: str) -> None:
    assert "attic" in broken(verdicts, "Inside a service")
