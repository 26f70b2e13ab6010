"""The kernel names no business noun: what it defines would serve another trade as well."""

from __future__ import annotations

import ast
import re

from tests.architecture.tree import parsed, tracked_python

_NOUNS = re.compile(
    r"(?:^|_)(?:product|piece|variant|brand|member|membership|tier|invitation|fee|bag|wish|price|quote"
    r"|stock|points?|checkout|customer|psp|voucher|advisor)s?(?:$|_)"
)
HANDED_ON = frozenset(
    {"psp_fields_url", "psp_url", "psp_key", "psp_webhook_secret", "stock_allocation", "stock_low_at"}
)
"""Settings of services, which the kernel reads from the environment and never uses."""


def nouns(tree: ast.Module) -> set[str]:
    """Names of the business among the classes, functions, parameters and fields that a module defines."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
    return {name for name in found if _NOUNS.search(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower())}


def test_the_kernel_defines_no_business_noun() -> None:
    kernel = [path for path in tracked_python() if path.startswith("src/luxe/kernel/")]
    assert set().union(*(nouns(parsed(path)) for path in kernel)) == HANDED_ON


def test_a_business_noun_is_seen() -> None:
    planted = (
        "class TierHistory:\n    stock_left: int\n\ndef take(brand: str) -> None: ...\n\ntierce = order = 1\n"
    )
    assert nouns(ast.parse(planted)) == {"TierHistory", "stock_left", "brand"}
