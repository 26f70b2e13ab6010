"""Budgets of size, names of modules, imports inside functions, and what must not be written down at all."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import PurePosixPath

import pytest

from tests.architecture.tree import ROOT, is_migration, is_text, parsed, read, tracked, tracked_python

FILE_LINES, TEST_LINES, ISLAND_LINES, FUNCTION_LINES = 400, 600, 150, 60

VAGUE = frozenset({"utils", "util", "helpers", "common", "misc"})
NAMED_LIKE_THE_STANDARD_LIBRARY = {
    "src/luxe/kernel/http.py": "the kernel's HTTP surface; nothing of ours uses the standard library's http package",
    "src/luxe/web/site.py": "the web's site; the standard library's site is imported by the interpreter alone",
}
LONG_LITERALS = "tests/web/design/samples/"
"""Sample view models: one literal each, so their functions are as long as the pages they describe."""

REGISTRIES = re.compile(
    r"\b(?:" + "|".join(("pypi", "pythonhosted", "npmjs", "yarnpkg", "crates")) + r")\.(?:org|com|io)\b"
    r"|--(?:extra-)?index-url\s+\S*:/" + r"|\"resolved\":"
)
MACHINE_PATHS = re.compile(r"(?<![\w.$}>-])/(?:root|home|work|Users)" + r"/[\w.]")
SECRETS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE"
    r" KEY|\bAKIA[0-9A-Z]{16}\b|\b(?:sk|rk)_live_\w{8}|\bghp_\w{20}|\bxox[bp]-\w{8}"
)


def lines_allowed(path: str) -> int | None:
    if path.startswith("islands/src/") and path.endswith(".ts"):
        return ISLAND_LINES
    if not path.endswith(".py") or is_migration(path):
        return None
    return TEST_LINES if path.startswith("tests/") else FILE_LINES


def long_functions(tree: ast.Module) -> dict[str, int]:
    """Name → lines of every function over budget."""
    found = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    lengths = {node.name: (node.end_lineno or node.lineno) - node.lineno + 1 for node in found}
    return {name: length for name, length in lengths.items() if length > FUNCTION_LINES}


def is_badly_named(path: str) -> bool:
    """Vague, or called like a module of the standard library, so that a reader takes one for the other."""
    pure = PurePosixPath(path)
    name = pure.parent.name if pure.stem in ("__init__", "__main__") else pure.stem
    return name in VAGUE or (name in sys.stdlib_module_names and path not in NAMED_LIKE_THE_STANDARD_LIBRARY)


def unspeakable(text: str) -> list[str]:
    """Addresses of registries, paths of one machine, secrets."""
    return [match.group() for rule in (REGISTRIES, MACHINE_PATHS, SECRETS) for match in rule.finditer(text)]


def test_files_keep_their_budgets() -> None:
    lengths = {
        path: (read(path).count("\n"), lines_allowed(path)) for path in tracked() if lines_allowed(path)
    }
    assert {path: lines for path, (lines, allowed) in lengths.items() if allowed and lines > allowed} == {}


def test_functions_keep_their_budget() -> None:
    judged = [
        path
        for path in tracked_python()
        if not is_migration(path)
        and not path.startswith(LONG_LITERALS)
        and read(path).count("\n") > FUNCTION_LINES
    ]
    assert {path: long for path in judged if (long := long_functions(parsed(path)))} == {}


def test_modules_have_telling_names() -> None:
    assert [path for path in tracked_python() if is_badly_named(path)] == []
    assert set(NAMED_LIKE_THE_STANDARD_LIBRARY) <= set(tracked_python()), (
        "an exception has outlived its module"
    )


def test_nothing_unspeakable_is_tracked() -> None:
    assert {path: found for path in tracked() if is_text(path) and (found := unspeakable(read(path)))} == {}


def test_no_rule_of_imports_inside_functions_is_relaxed() -> None:
    lint = tomllib.loads(read("pyproject.toml"))["tool"]["ruff"]["lint"]
    assert "PLC0415" in lint["select"]
    assert "PLC0415" not in {
        *lint["ignore"],
        *(code for codes in lint["per-file-ignores"].values() for code in codes),
    }
    excused = "noqa: " + "PLC0415"
    assert [path for path in tracked_python() if excused in read(path)] == []


def test_a_file_over_budget_is_seen() -> None:
    assert lines_allowed("src/luxe/kernel/money.py") == 400
    assert lines_allowed("tests/kernel/test_money.py") == 600
    assert lines_allowed("islands/src/gallery.ts") == 150
    assert lines_allowed("src/luxe/services/bag/migrations/0001_bag.py") is None


def test_a_long_function_is_seen() -> None:
    body = "    x = 1\n" * 60
    assert long_functions(ast.parse(f"class A:\n  async def too_long():\n{body}")) == {"too_long": 61}
    assert long_functions(ast.parse(f"def just_right():\n{body[:-10]}")) == {}


@pytest.mark.parametrize(
    "path", ["src/luxe/web/utils.py", "src/luxe/kernel/calendar.py", "src/luxe/common/__init__.py"]
)
def test_a_bad_name_is_seen(path: str) -> None:
    assert is_badly_named(path)


@pytest.mark.parametrize(
    "text",
    [
        "--index-url https" + "://mirror.example/simple",
        "from files.python" + "hosted.org",
        '"resol' + 'ved": "x"',
        "see /ho" + "me/mei/notes",
        "-----BEGIN RSA PRIV" + "ATE KEY-----",
        "sk_li" + "ve_0123456789",
    ],
)
def test_something_unspeakable_is_seen(text: str) -> None:
    assert unspeakable(text)


def test_an_import_inside_a_function_is_seen() -> None:
    planted = "def late() -> None:\n    import json\n\n    json.dumps(1)\n"
    ruff = f"{sysconfig.get_path('scripts')}/ruff"
    argv = [ruff, "check", "--no-cache", "--stdin-filename", "src/luxe/kernel/planted.py", "-"]
    done = subprocess.run(argv, cwd=ROOT, input=planted, capture_output=True, text=True)
    assert done.returncode == 1
    assert "PLC0415" in done.stdout
