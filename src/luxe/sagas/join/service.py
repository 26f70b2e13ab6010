"""Starting and watching runs of the join saga."""

from __future__ import annotations

import msgspec

from luxe.kernel import errors
from luxe.kernel.house import House
from luxe.kernel.saga import Engine
from luxe.kernel.saga_people import RunDesk
from luxe.kernel.saga_store import RunRow
from luxe.kernel.saga_watch import LONGEST, rests
from luxe.sagas.join import store
from luxe.sagas.join.contract import JoinInput, JoinView
from luxe.sagas.join.flow import flow
from luxe.services.membership.contract import Port as Membership


class Join(RunDesk):
    """One account pays one fee at a time: a second start joins the run that is under way, or takes its place."""

    def __init__(self, house: House) -> None:
        self.db = house.database("join")
        self.engine = Engine(flow, house)
        self.membership = house.port(Membership)

    async def start(self, *, key: str, input: JoinInput) -> JoinView:
        payer = await store.lock_payer(self.db.tx, input.account_id)
        if await self.engine.find_by_key(input.account_id, key) is None:
            await self.membership.fee_due(account_id=input.account_id, currency=input.currency)
            current = await self.engine.find(payer)
            if current is not None and self._stays(current, input):
                return self._view(current)
            if current is not None:
                await self.engine.signal(current.id, "superseded", True)
        row = await self.engine.start(key=key, owner=input.account_id, input=input)
        await store.set_payer(self.db.tx, input.account_id, row.id)
        return self._view(row)

    async def view(self, *, run: str, account_id: str) -> JoinView:
        return self._view(await self._found(run, account_id))

    async def watch(
        self, *, run: str, account_id: str, seconds: float, ended: bool = False, unlike: str = ""
    ) -> JoinView:
        row = await self.engine.wait(
            run,
            lambda row: row.owner != account_id or rests(self._view(row), ended, unlike),
            min(seconds, LONGEST),
        )
        return self._view(_of(row, account_id))

    async def returned(self, *, run: str, account_id: str) -> None:
        await self._found(run, account_id)
        await self.engine.signal(run, "returned", True)

    async def stuck(self) -> list[JoinView]:
        return [self._view(row) for row in await self.engine.stuck()]

    async def payment_moved(self, *, run: str, state: str) -> None:
        """A fact of payments wakes the run, which then asks payments itself."""
        await self.engine.signal(run, "payment", state)

    def _stays(self, row: RunRow, input: JoinInput) -> bool:
        """Whether a run goes on in place of a new one: it wants the same, or it holds money and needs a person."""
        if row.state == "stuck":
            return row.problem is None
        return row.state == "running" and (
            row.cursor >= flow.pivot or row.input == msgspec.to_builtins(input)
        )

    async def _found(self, run: str, account_id: str = "") -> RunRow:
        return _of(await self.engine.find(run), account_id)

    def _view(self, row: RunRow) -> JoinView:
        step = flow.steps[row.cursor].name if row.cursor < len(flow.steps) else ""
        waiting = row.state == "running" and step == "authorisation"
        problem = row.problem or {}
        return JoinView(
            run=row.id,
            state=row.state,
            step=step,
            pay_at=row.results["intent"]["pay_at"] if waiting else "",
            problem_code=problem.get("code", ""),
            problem=problem.get("detail", ""),
        )


def _of(row: RunRow | None, account_id: str) -> RunRow:
    if row is None or (account_id and row.owner != account_id):
        raise errors.NotFound("no such run", code="run_unknown")
    return row
