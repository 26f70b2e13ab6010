"""Pieces come back: what was paid for exactly them goes back, and each ends where it belongs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, cast

import msgspec
import pytest

from luxe.kernel.errors import Refusal
from luxe.sagas.return_item.contract import RETURN_DAYS, Port
from luxe.sagas.return_item.flow import flow
from luxe.services.membership.contract import Port as MembershipPort
from luxe.services.orders.contract import Finding, Order
from luxe.services.orders.contract import Port as OrdersPort
from tests.sagas.cancel.stage import BOUGHT, PAID, After, Afters, fresh_key
from tests.sagas.checkout.breaks import Moment
from tests.sagas.checkout.stage import EARNED, LEASE_OVER, PAYABLE, POINTS, Seen
from tests.sagas.return_item.conftest import RING, SCARF, Desk, ask, ask_for_the_ring, units_of

STEPS = [step.name for step in flow.steps]
RING_PAID = 984_616
"""10,000 of 13,000 CNY of goods, of which 12,800 were paid in money: 9,846.153… The largest remainder gets the cent."""
RING_BACK, RING_TAKEN = 15_385, 9_846
"""Points that were spent and earned, in that proportion."""
DELIVERED = [*PAID, "shipped", "delivered"]


def without_ring(after: After, order: Order) -> Seen:
    bought = after.basket.bought
    ring = order.draft.lines[RING].variant_id
    return msgspec.structs.replace(
        bought,
        stock=bought.stock | {ring: (1, 0, 1)},
        points=(EARNED + RING_BACK - RING_TAKEN, 0),
        orders=["partly_returned"],
        charges=[[*BOUGHT, ("refund", RING_PAID)]],
    )


def kept(after: After) -> Seen:
    return msgspec.structs.replace(after.basket.bought, orders=["delivered"])


async def assert_returned_once(after: After, run: str) -> None:
    assert (await after.row(run)).state == "done"
    order = await after.order()
    assert await after.seen() == without_ring(after, order)
    told = [entry.what for entry in order.timeline][len(DELIVERED) :]
    assert told == [
        "return_requested", "return_approved", "return_inspected", "return_refunded", "refunded", "partly_returned",
    ]  # fmt: skip
    (refund,) = await after.refunds()
    assert (refund.kind, refund.state, refund.amount.minor) == ("return", "done", RING_PAID)
    assert (refund.points_back, refund.points_taken) == (RING_BACK, RING_TAKEN)
    sold = await after.house.rows(
        "orders", "SELECT serial FROM orders.sold_units WHERE order_id = :id", id=after.order_id
    )
    assert sorted(row.serial for row in sold) == sorted(order.draft.lines[SCARF].serials)


async def test_a_piece_comes_back(after: After, desk: Desk) -> None:
    run = await after.begin()
    assert (await desk.of(run)).state == "requested"
    assert await after.log(run) == [("request", "done"), ("decision", "waits")]
    await desk.decide(run)
    assert (await after.seen(), await after.refunds()) == (kept(after), [])
    await desk.inspect(run)
    assert (await desk.of(run)).state == "refunded"
    await assert_returned_once(after, run)


async def test_all_pieces_one_after_the_other_are_the_whole_to_the_cent(after: After, desk: Desk) -> None:
    for units in (
        await units_of(after, RING),
        (await units_of(after, SCARF))[:1],
        (await units_of(after, SCARF))[1:],
    ):
        run = await ask(after, units)
        await after.idle()
        await desk.decide(run)
        await desk.inspect(run)
        assert (await after.row(run)).state == "done"
    assert sum(each.amount.minor for each in await after.refunds()) == PAYABLE
    seen = await after.seen()
    assert (seen.orders, seen.points, seen.stock) == (["returned"], (POINTS, 0), after.basket.before.stock)
    with pytest.raises(Refusal) as refused:
        await ask_for_the_ring(after)
    assert refused.value.code == "order_state"


async def test_what_is_declined_stays_with_the_member(after: After, desk: Desk) -> None:
    run = await after.begin()
    with pytest.raises(Refusal) as refused:
        await desk.decide(run, approve=False)
    assert refused.value.code == "reason_missing"
    await desk.decide(run, approve=False, reason="It was engraved")
    row = await after.row(run)
    assert (row.state, (row.problem or {})["code"]) == ("refused", "return_declined")
    known = await desk.of(run)
    assert (known.state, known.decision) == ("declined", "It was engraved")
    assert (await after.seen(), await after.refunds()) == (kept(after), [])
    again = await ask_for_the_ring(after)
    await after.idle()
    assert (await desk.of(again)).state == "requested"


@pytest.mark.parametrize("approved", [False, True])
async def test_a_member_may_think_better_of_it(after: After, desk: Desk, approved: bool) -> None:
    run = await after.begin()
    if approved:
        await desk.decide(run)
    known = await desk.of(run)
    for _ in range(2):
        await desk.orders.withdraw_return(return_id=known.id, account_id=after.stage.mei)
    await desk.news()
    assert ((await after.row(run)).state, (await desk.of(run)).state) == ("refused", "withdrawn")
    assert (await after.seen(), await after.refunds()) == (kept(after), [])
    with pytest.raises(Refusal) as refused:
        await desk.decide(run)
    assert refused.value.code == "return_state"


async def test_each_unit_is_inspected_by_itself(after: After, desk: Desk) -> None:
    """Of two scarves one is refused, the other accepted although it is damaged: refunded and written off."""
    units = await units_of(after, SCARF)
    run = await ask(after, units)
    await after.idle()
    await desk.decide(run)
    known = await desk.of(run)
    findings = [
        Finding(variant_id=units[0].variant_id, serial=units[0].serial, accepted=False),
        Finding(variant_id=units[1].variant_id, serial=units[1].serial, accepted=True, condition="damaged"),
    ]
    with pytest.raises(Refusal) as refused:
        await desk.orders.inspect_return(return_id=known.id, findings=findings[:1])
    assert refused.value.code == "findings_incomplete"
    for _ in range(2):
        await desk.orders.inspect_return(return_id=known.id, findings=findings)
    await desk.news()
    assert (await after.row(run)).state == "done"
    seen = await after.seen()
    assert seen.stock == after.basket.bought.stock
    assert seen.charges == [[*BOUGHT, ("refund", 147_692)]]
    assert seen.orders == ["partly_returned"]
    window = await after.house.port(Port).window(order_id=after.order_id, account_id=after.stage.mei)
    assert window.units == [*await units_of(after, RING), units[0]]


async def test_what_is_refused_whole_gives_nothing_back(after: After, desk: Desk) -> None:
    run = await after.begin()
    await desk.decide(run)
    await desk.inspect(run, accepted=False)
    assert ((await after.row(run)).state, (await desk.of(run)).state) == ("done", "refused")
    assert (await after.seen(), await after.refunds()) == (kept(after), [])


async def test_weeks_may_pass(after: After, desk: Desk) -> None:
    """Nothing is lost if no fact ever comes: the run looks for itself."""
    run = await after.begin()
    await after.later(days=40)
    assert (await after.row(run)).state == "running"
    known = await desk.of(run)
    await desk.orders.decide_return(return_id=known.id, approve=True, reason="")
    await after.later(days=40)
    findings = [
        Finding(variant_id=each.variant_id, serial=each.serial, accepted=True) for each in known.units
    ]
    await desk.orders.inspect_return(return_id=known.id, findings=findings)
    await after.later(days=40)
    await assert_returned_once(after, run)


async def test_a_unit_is_in_one_return_at_a_time(after: After, desk: Desk) -> None:
    begun = await asyncio.gather(ask_for_the_ring(after), ask_for_the_ring(after), return_exceptions=True)
    await after.idle()
    codes = [each.code for each in begun if isinstance(each, Refusal)]
    rows = [await after.row(run) for run in begun if isinstance(run, str)]
    codes += [row.problem["code"] for row in rows if row.problem]
    assert codes == ["unit_returned"]
    found = await desk.orders.returns(order_id=after.order_id)
    assert [each.state for each in found.items] == ["requested"]


class Tiers:
    """Membership, for a member of this tier."""

    def __init__(self, membership: MembershipPort, tier: str) -> None:
        self._membership, self._tier = membership, tier

    async def membership_of(self, *, account_id: str) -> Any:
        known = await self._membership.membership_of(account_id=account_id)
        return msgspec.structs.replace(known, tier=self._tier) if known else None

    def __getattr__(self, verb: str) -> Any:
        return getattr(self._membership, verb)


@contextmanager
def in_tier(after: After, tier: str) -> Iterator[None]:
    house = after.house.house
    membership = house._ports[MembershipPort]
    house.bind(MembershipPort, Tiers(membership, tier))
    try:
        yield
    finally:
        house.bind(MembershipPort, membership)


@pytest.mark.parametrize("tier", RETURN_DAYS)
async def test_the_window_is_the_tiers(after: After, tier: str) -> None:
    delivered = next(entry.at for entry in (await after.order()).timeline if entry.what == "delivered")
    port, mei = after.house.port(Port), after.stage.mei
    with in_tier(after, tier):
        window = await port.window(order_id=after.order_id, account_id=mei)
        assert window.until == delivered + timedelta(days=RETURN_DAYS[tier])
        assert len(window.units) == 3
        after.stage.turn_clock(days=RETURN_DAYS[tier], minutes=1)
        assert (await port.window(order_id=after.order_id, account_id=mei)).units == []
        with pytest.raises(Refusal) as refused:
            await ask_for_the_ring(after)
        assert refused.value.code == "return_window_over"
        after.stage.turn_clock(minutes=-2)
        await ask_for_the_ring(after)
        await after.idle()


async def test_what_makes_no_sense_is_refused(after: After) -> None:
    port, mei = after.house.port(Port), after.stage.mei
    ring = await units_of(after, RING)
    stranger = [msgspec.structs.replace(ring[0], serial="another")]
    whole: dict[str, Any] = {"account_id": mei, "order_id": after.order_id, "units": ring, "reason": "no"}
    for change, code in (
        ({"units": []}, "units_missing"),
        ({"units": stranger}, "unit_unknown"),
        ({"units": ring * 2}, "unit_returned"),
        ({"reason": " "}, "reason_missing"),
        ({"account_id": "acc_other"}, "order_unknown"),
    ):
        with pytest.raises(Refusal) as refused:
            await port.start(key=fresh_key(), **cast(Any, whole | change))
        assert refused.value.code == code
    found = await after.house.port(OrdersPort).returns(order_id=after.order_id)
    assert (found.items, await after.seen()) == ([], kept(after))


@pytest.mark.parametrize("step", STEPS)
async def test_a_peer_finishes_what_a_lost_process_began(afters: Afters, step: str) -> None:
    async def scene(after: After, moment: Moment) -> bool:
        desk = Desk(after)
        reached = after.breaks.lose(step, moment)
        run = await after.begin(reached)
        await recover(after, reached)
        await desk.decide(run, or_until=reached)
        await recover(after, reached)
        await desk.inspect(run, or_until=reached)
        await recover(after, reached)
        await after.carry_through(run)
        await assert_returned_once(after, run)
        return reached.is_set()

    await afters.at_every_moment(step, scene)


async def recover(after: After, reached: asyncio.Event) -> None:
    """If the process is lost by now, a peer goes on when its lease has run out."""
    if reached.is_set():
        await after.kill()
        await after.later(seconds=LEASE_OVER)
