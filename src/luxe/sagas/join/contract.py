"""The door of the join saga."""

from __future__ import annotations

from typing import Protocol

import msgspec

from luxe.kernel.saga_runs import RunsPort
from luxe.kernel.verbs import phased, query


class JoinInput(msgspec.Struct, frozen=True, kw_only=True):
    account_id: str
    currency: str
    locale: str


class JoinView(msgspec.Struct, frozen=True, kw_only=True):
    """`state`: running | undoing | done | refused | stuck | ended. `pay_at` is the PSP's page while it waits for payment."""

    run: str
    state: str
    step: str
    pay_at: str
    problem_code: str
    problem: str


class Port(RunsPort, Protocol):
    """Refusals by code: `not_approved`, `already_member`, `run_unknown`, `key_reused`."""

    async def start(self, *, key: str, input: JoinInput) -> JoinView:
        """Starts paying the fee; the same account and key is the same run."""
        ...

    @query
    async def view(self, *, run: str, account_id: str) -> JoinView: ...

    @phased
    async def watch(
        self, *, run: str, account_id: str, seconds: float, ended: bool = False, unlike: str = ""
    ) -> JoinView:
        """The run once it has ended or (unless `ended`) waits for payment, or as it stands after `seconds`, ten at most.
        One that waits for payment and still is as the entity tag `unlike` says is waited for."""
        ...

    async def returned(self, *, run: str, account_id: str) -> None:
        """The member is back from the PSP's page: ask how it went instead of waiting for the webhook."""
        ...

    @query
    async def stuck(self) -> list[JoinView]:
        """Runs that need a person."""
        ...
