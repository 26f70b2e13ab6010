"""Marks on the verbs of a contract's `Port`: how the edge that calls them treats its transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

M = TypeVar("M", bound=Callable[..., Awaitable[Any]])


def query(method: M) -> M:
    """Marks a port method that changes nothing; it may be retried and runs without a transaction."""
    method.__luxe_mode__ = "query"  # type: ignore[attr-defined]
    return method


def single(method: M) -> M:
    """Marks a port method that changes something with one statement, tells no fact and may be called again: the statement
    stands alone, without BEGIN and COMMIT."""
    method.__luxe_mode__ = "single"  # type: ignore[attr-defined]
    return method


def phased(method: M) -> M:
    """Marks a port method that talks to the outside between transactions of its own."""
    method.__luxe_mode__ = "phased"  # type: ignore[attr-defined]
    return method
