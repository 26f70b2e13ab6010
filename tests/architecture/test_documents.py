"""What the documents name exists, and what exists is documented: tree, commands and options, settings, links, samples."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import PurePosixPath
from typing import Any

import msgspec
import pytest
import typer
from typer.main import get_command

from luxe.app.__main__ import INSIDE, VERBS
from luxe.app.cli import (
    checks,
    command,
    doctor,
    down,
    migrate,
    openapi,
    products,
    saga,
    seed,
    serve,
    status,
    suites,
    up,
    verify,
)
from luxe.kernel.settings import Settings
from luxe.services.identity.contract import SCOPES
from luxe.services.notifications.contract import WEBHOOK_EVENTS
from luxe.services.notifications.service.signing import secret_of, signature
from tests.architecture.tree import ROOT, read, tracked

DOCUMENTS = tuple(
    path
    for path in tracked()
    if path.endswith(".md") and path.split("/")[0] not in ("demo", "islands", "tests")
)
OPERATORS = "docs/guide/operators.md"
MODULES = (checks, doctor, down, migrate, openapi, products, saga, seed, serve, status, suites, up, verify)

_TREE = re.compile(r"^```tree\n(.*?)^```", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"^```\w*\n(.*?)^```|`([^`\n]+)`", re.MULTILINE | re.DOTALL)
_SETTING = re.compile(r"\bLUXE_[A-Z_]+\b")
_ROW = re.compile(r"^\| `(LUXE_[A-Z_]+)`(?: \*)? \| (required|empty|`[^`]*`) \|", re.MULTILINE)
_LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")
_PYTHON = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


def drawn(text: str) -> dict[str, bool]:
    """Path → whether it is drawn as a folder, from the tree in a document; two spaces a level."""
    found: dict[str, bool] = {}
    above: list[str] = []
    for line in next(iter(_TREE.findall(text)), "").splitlines():
        name = line.split()[0]
        level = (len(line) - len(line.lstrip())) // 2
        above[level:] = [name.rstrip("/")]
        found["/".join(above)] = name.endswith("/")
    return found


def folders(files: Iterable[str]) -> set[str]:
    return {str(parent) for path in files for parent in PurePosixPath(path).parents} - {"."}


def tree_differences(text: str, files: Iterable[str]) -> set[str]:
    """What is drawn and missing, and what lies undrawn beside something drawn."""
    told, present = drawn(text), set(files)
    real = folders(present)
    drawn_folders = {path for path, is_folder in told.items() if is_folder}
    missing = (drawn_folders - real) | ({*told} - drawn_folders - present)
    parents = {"" if "/" not in path else path.rpartition("/")[0] for path in told}
    undrawn = {
        path for path in real if ("" if "/" not in path else path.rpartition("/")[0]) in parents
    } - drawn_folders
    undrawn |= {path for path in present if "/" not in path and not path.startswith(".")} - {*told}
    return missing | undrawn


@cache
def options() -> Mapping[str, frozenset[str]]:
    """Verb → its options, as typer sees them."""
    found: dict[str, frozenset[str]] = {}
    with pytest.MonkeyPatch.context() as patch:

        def note(function: Any, arguments: list[str], context_settings: dict[str, Any] | None = None) -> int:
            app = typer.Typer(add_completion=False)
            app.command(context_settings=context_settings)(function)
            found[arguments[0]] = frozenset(
                name for each in get_command(app).params for name in (*each.opts, *each.secondary_opts)
            )
            return 0

        patch.setattr(command, "run", note)
        for verb, (name, _) in VERBS.items():
            next(module for module in MODULES if module.__name__.endswith(f".{name}")).main([verb])
    return found


def commands_told(text: str) -> list[tuple[str, frozenset[str]]]:
    """Verbs and their options in code: `luxe up --data DIR`; one list of options for each `luxe` said."""
    said = [each for pair in _CODE.findall(text) for part in pair for each in part.splitlines()]
    calls = [
        match
        for line in said
        for match in re.finditer(r"(?:^|[\s(])(?:\./)?luxe ([a-z][a-z-]*)\b([^#|]*)", line)
    ]
    return [(match[1], frozenset(re.findall(r"--[a-z-]+", match[2]))) for match in calls]


def unknown_commands(text: str) -> list[str]:
    return [
        " ".join((verb, *sorted(told)))
        for verb, told in commands_told(text)
        if verb not in VERBS or (verb != "test" and told - options()[verb] - {"--help"})
    ]


@cache
def settings_in_source() -> frozenset[str]:
    code = [
        path for path in tracked() if path == "luxe" or (path.startswith("src/") and path.endswith(".py"))
    ]
    fields = {f"LUXE_{field.upper()}" for field in Settings.__struct_fields__}
    return frozenset(fields.union(*(_SETTING.findall(read(path)) for path in code)))


def defaults() -> dict[str, str]:
    """Setting → its default as the operators' table writes it."""
    shown = {
        field.encode_name: "required"
        if field.required
        else f"`{field.default}`"
        if field.default != ""
        else "empty"
        for field in msgspec.structs.fields(Settings)
    }
    return {f"LUXE_{name.upper()}": default for name, default in shown.items()}


def broken_links(path: str, text: str) -> list[str]:
    return [link for link in _LINK.findall(text) if not ((ROOT / path).parent / link).exists()]


def test_the_tree_is_as_drawn() -> None:
    assert tree_differences(read("ARCHITECTURE.md"), tracked()) == set()


@pytest.mark.parametrize("path", DOCUMENTS)
def test_every_command_told_exists(path: str) -> None:
    assert unknown_commands(read(path)) == []


def test_every_command_is_told() -> None:
    said = read(OPERATORS) + read("docs/guide/brands.md")
    told = commands_told(said)
    assert {verb for verb, _ in told} >= set(VERBS)
    known = {option for verb in options() for option in options()[verb] if option.startswith("--")}
    assert known - set(re.findall(r"--[a-z-]+", said)) == set()
    assert not set(INSIDE) & {verb for verb, _ in told}


def test_every_suite_is_told() -> None:
    present = {path.split("/")[1] for path in tracked() if re.match(r"tests/\w+/(?:.*/)?test_\w+\.py$", path)}
    rows = re.findall(r"^\| (`.+?`) \|", read("CONTRIBUTING.md"), re.MULTILINE)
    told = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert present <= told
    assert [name for name in told if not (ROOT / "tests" / name).is_dir()] == []


@pytest.mark.parametrize("path", DOCUMENTS)
def test_every_setting_told_exists(path: str) -> None:
    assert set(_SETTING.findall(read(path))) - settings_in_source() == set()


def test_every_setting_is_told_with_its_default() -> None:
    assert dict(_ROW.findall(read(OPERATORS))) == defaults()


@pytest.mark.parametrize("path", DOCUMENTS)
def test_links_lead_somewhere(path: str) -> None:
    assert broken_links(path, read(path)) == []


def test_every_decision_is_numbered_and_dated() -> None:
    pages = sorted(path for path in DOCUMENTS if path.startswith("docs/adr/"))
    assert [int(path.split("/")[-1][:4]) for path in pages] == list(range(1, len(pages) + 1))
    for path in pages:
        assert re.match(
            rf"# {int(path.split('/')[-1][:4])}\. .+\n\n\*\w+ 20\d\d · (?:accepted|replaced by)", read(path)
        )


def test_scopes_and_events_are_told() -> None:
    said = set(re.findall(r"`([^`\n]+)`", read("docs/guide/integrators.md")))
    assert {*SCOPES, *WEBHOOK_EVENTS} <= said


def test_the_sample_of_the_webhook_guide_works() -> None:
    sample: dict[str, Any] = {}
    exec(_PYTHON.findall(read("docs/guide/integrators.md"))[0], sample)  # noqa: S102 - our own sample
    now = int(sample["time"].time())
    secret = secret_of("of the house", "whe_1")
    header = signature(secret, now, b"{}")
    assert sample["is_genuine"](secret, header, b"{}") is True
    assert sample["is_genuine"](secret, header, b"{ }") is False
    assert sample["is_genuine"](secret, signature(secret, now - 301, b"{}"), b"{}") is False


def test_a_wrong_tree_is_seen() -> None:
    text = "```tree\nluxe     the way in\nsrc/\n  kernel/   below\n  attic/    not there\n```\n"
    files = ["luxe", "Makefile", "src/kernel/a.py", "src/kernel/deep/b.py", "src/cellar/c.py"]
    assert tree_differences(text, files) == {"src/attic", "src/cellar", "Makefile"}


def test_a_command_that_does_not_exist_is_seen() -> None:
    text = "`luxe fly`, `./luxe up --wings`\n```sh\nluxe status --data DIR\nluxe down --now\n```\nluxe is a word."
    assert unknown_commands(text) == ["fly", "up --wings", "down --now"]


def test_a_setting_that_does_not_exist_is_seen() -> None:
    assert "LUXE_WINGS" not in settings_in_source()
    assert {"LUXE_SECRET", "LUXE_HOME"} <= settings_in_source()
    assert defaults()["LUXE_POOL_SIZE"] == "`8`"


def test_a_broken_link_is_seen() -> None:
    assert broken_links("docs/guide/x.md", "[a](operators.md) [b](nowhere.md) [c](https://example.org)") == [
        "nowhere.md"
    ]
