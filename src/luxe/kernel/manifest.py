"""What a unit (a service, a saga, the web) says of itself; the app reads it and wires nothing else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import MetaData

from luxe.kernel.facts import Fact, fact_type
from luxe.kernel.house import House


@dataclass(frozen=True)
class Reaction:
    """`handle(service, fact)` runs once for each fact, in one transaction of the reacting service.

    `concerns(service, fact)` is asked first, outside any transaction: a fact that does not concern the service
    costs it no statement and is never asked about again.
    """

    fact: type[Fact]
    handle: Callable[[Any, Any], Awaitable[None]]
    concerns: Callable[[Any, Any], Awaitable[bool]] | None = None

    @property
    def name(self) -> str:
        return f"{fact_type(self.fact)}:{self.handle.__name__}"


@dataclass(frozen=True)
class Job:
    """`run(service)` every `every`, in one transaction, by one process at a time is enough but not promised:
    jobs take their rows with SKIP LOCKED. A job returns True when there is more to do at once."""

    run: Callable[[Any], Awaitable[bool]]
    every: timedelta

    @property
    def name(self) -> str:
        return self.run.__name__


@dataclass(frozen=True)
class Manifest:
    """`build(house)` makes the service object; `requires` lists the units whose contracts it calls."""

    name: str
    build: Callable[[House], Any]
    port: type | None = None
    metadata: MetaData | None = None
    migrations: str = ""
    routers: Sequence[Any] = ()
    reactions: Sequence[Reaction] = ()
    jobs: Sequence[Job] = ()
    requires: Sequence[str] = ()
