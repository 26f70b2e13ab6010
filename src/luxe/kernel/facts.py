"""Facts: frozen, versioned values in the past tense that leave a service through its outbox."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, TypeVar

import msgspec

F = TypeVar("F", bound="Fact")
_registry: dict[str, type[Fact]] = {}


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """Subclass in a `contract.py`; `about` names the field that holds the object's id, by which facts are ordered."""

    about: ClassVar[str]
    fact_version: ClassVar[int] = 1

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        _registry[fact_type(cls)] = cls

    @property
    def object_id(self) -> str:
        return getattr(self, type(self).about)


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """A fact on its way, with the attributes of CloudEvents 1.0 that we use."""

    id: str
    type: str
    object_id: str
    at: datetime
    actor: str
    request_id: str
    data: Any

    def fact(self) -> Fact:
        return msgspec.convert(self.data, _registry[self.type])


def fact_type(kind: type[Fact]) -> str:
    """`orders.OrderPlaced.v1` for `luxe.services.orders.contract.OrderPlaced`."""
    parts = kind.__module__.split(".")
    owner = parts[-2] if len(parts) > 1 else parts[0]
    return f"{owner}.{kind.__name__}.v{kind.fact_version}"


def known_facts() -> dict[str, type[Fact]]:
    return dict(_registry)
