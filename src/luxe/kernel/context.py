"""What travels with a piece of work across ports, facts and logs: who acts, which request, until when."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import msgspec

from luxe.kernel.ids import new_id

SYSTEM = "system"


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """`actor` is an account or API key id, or `system`. `locale` is one of `i18n.LOCALES`."""

    request_id: str
    actor: str = SYSTEM
    locale: str = "en"


_current: ContextVar[Context | None] = ContextVar("luxe_context", default=None)


def current() -> Context:
    context = _current.get()
    return context if context is not None else Context(request_id=new_id("req"))


@contextmanager
def entered(context: Context) -> Iterator[Context]:
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)


@contextmanager
def acting(actor: str) -> Iterator[Context]:
    """The same work, continued in another's name."""
    with entered(msgspec.structs.replace(current(), actor=actor)) as context:
        yield context
