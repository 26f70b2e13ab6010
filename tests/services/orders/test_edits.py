"""An order goes elsewhere before it leaves the house; what is noted about it."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from luxe.kernel.errors import Refusal
from luxe.kernel.money import Money
from luxe.services.inventory.contract import Port as InventoryPort
from luxe.services.orders.contract import (
    LONGEST_NOTE,
    Address,
    Order,
    OrderDraft,
    OrderRedirected,
    OrderTax,
    Port,
)
from luxe.services.orders.domain.edits import obstacle
from tests.harness import Running, running
from tests.services.orders.drafts import PARIS, SHANGHAI, draft
from tests.services.orders.test_bills import Shelves

HOTEL = msgspec.structs.replace(SHANGHAI, name="Mei Chen", line1="32 Zhongshan Road", postcode="200120")


def opened(binding: str = "local") -> Any:
    return running("orders", binding=binding, stubs={InventoryPort: Shelves()})


async def paid(house: Running, run: str = "run_1") -> Order:
    orders = house.port(Port)
    await orders.place(run=run, draft=draft())
    return await orders.mark_paid(run=run, intent_id="pay", points_earned=0, serials={})


async def refused(call: Any) -> str:
    with pytest.raises(Refusal) as caught:
        await call
    return caught.value.code


async def test_a_paid_order_goes_elsewhere_and_it_is_written_down(binding: str) -> None:
    async with opened(binding) as house:
        orders = house.port(Port)
        order = await paid(house)
        changed, again = [
            await orders.change_address(order_id=order.id, address=HOTEL, account_id="acc_david")
            for _ in range(2)
        ]
        assert changed == again
        assert changed.draft.address == HOTEL
        [edit] = await orders.edits(order_id=order.id)
        assert (edit.before, edit.after) == (SHANGHAI, HOTEL)
        assert [entry.what for entry in changed.timeline] == ["placed", "paid", "address_changed"]
        assert await house.facts(OrderRedirected) == [
            OrderRedirected(order_id=order.id, account_id="acc_david", number=order.number)
        ]
        assert (await orders.order(order_id=order.id)).draft == msgspec.structs.replace(
            order.draft, address=HOTEL
        )


async def test_where_it_cannot_go_nothing_has_changed(binding: str) -> None:
    async with opened(binding) as house:
        orders = house.port(Port)
        order = await paid(house)
        unpaid = await orders.place(run="run_2", draft=draft())
        nowhere = msgspec.structs.replace(HOTEL, postcode="nowhere")
        change = orders.change_address
        assert await refused(change(order_id=order.id, address=PARIS)) == "country_fixed"
        assert await refused(change(order_id=order.id, address=nowhere)) == "address_incomplete"
        assert (
            await refused(change(order_id=order.id, address=HOTEL, account_id="acc_kevin")) == "order_unknown"
        )
        assert await refused(change(order_id=unpaid.id, address=HOTEL)) == "order_state"
        await orders.begin_cancelling(run="run_c", order_id=order.id, reason="")
        assert await refused(change(order_id=order.id, address=HOTEL)) == "order_state"
        await orders.reopen(run="run_c")
        assert await orders.edits(order_id=order.id) == []
        await orders.ship(order_id=order.id)
        assert await refused(change(order_id=order.id, address=HOTEL)) == "order_state"
        assert (await orders.order(order_id=order.id)).draft.address == SHANGHAI


def test_the_place_stays_where_taxes_or_an_appointment_were_reckoned_for_it() -> None:
    added = OrderTax(
        variant_id="var_clutch", kind="sales_tax", name="Tax", rate="8.875", included=False,
        base=Money(1, "CNY"), amount=Money(1, "CNY"),
    )  # fmt: skip
    neighbour = msgspec.structs.replace(SHANGHAI, line1="2 Zhongshan Dong Yi Lu")
    included = draft(taxes=[msgspec.structs.replace(added, included=True)])

    def tried(given: OrderDraft, to: Address) -> str:
        return obstacle(given, to)

    assert [tried(draft(), HOTEL), tried(included, HOTEL)] == ["", ""]
    for fixed in (draft(taxes=[added]), draft(slot="slt_1")):
        assert [tried(fixed, HOTEL), tried(fixed, neighbour)] == ["place_fixed", ""]


async def test_of_a_parcel_and_a_change_at_once_the_parcel_never_goes_to_the_old_address() -> None:
    async with opened() as house:
        orders = house.port(Port)
        for number in range(12):
            order = await paid(house, f"run_{number}")
            calls = [
                orders.ship(order_id=order.id, key=f"SH-{number}", address=SHANGHAI),
                orders.change_address(order_id=order.id, address=HOTEL),
            ]
            done = await asyncio.gather(*(calls if number % 2 else calls[::-1]), return_exceptions=True)
            after = await orders.order(order_id=order.id)
            [lost] = [each.code for each in done if isinstance(each, Refusal)]
            ends = {"order_state": ("shipped", SHANGHAI), "address_changed": ("paid", HOTEL)}
            assert (after.state, after.draft.address) == ends[lost]


async def test_of_two_changes_at_once_each_is_written_with_what_was_before(binding: str) -> None:
    async with opened(binding) as house:
        orders = house.port(Port)
        order = await paid(house)
        wanted = [msgspec.structs.replace(HOTEL, name=f"Guest {number}") for number in range(5)]
        await asyncio.gather(*(orders.change_address(order_id=order.id, address=each) for each in wanted))
        edits = await orders.edits(order_id=order.id)
        assert edits[0].before == SHANGHAI
        assert {each.after.name for each in edits} == {each.name for each in wanted}
        befores, afters = [each.before for each in edits[1:]], [each.after for each in edits[:-1]]
        assert sorted(each.name for each in befores) == sorted(each.name for each in afters)
        last = {each.after.name for each in edits} - {each.name for each in befores}
        assert {(await orders.order(order_id=order.id)).draft.address.name} == last


async def test_notes_of_both_sides(binding: str) -> None:
    async with opened(binding) as house:
        orders = house.port(Port)
        order = await paid(house)
        mine, again = [
            await orders.add_note(
                key="k1", order_id=order.id, text=" Please ring twice. ", account_id="acc_david"
            )
            for _ in range(2)
        ]
        assert mine == again
        theirs = await orders.add_note(key="k2", order_id=order.id, text="A friend of the house")
        assert [(each.side, each.text) for each in (mine, theirs)] == [
            ("member", "Please ring twice."),
            ("house", "A friend of the house"),
        ]
        assert await orders.notes(order_id=order.id) == [mine, theirs]
        assert await orders.notes(order_id=order.id, side="member") == [mine]
        for text in (" ", "x" * (LONGEST_NOTE + 1)):
            assert await refused(orders.add_note(key="k3", order_id=order.id, text=text)) == "note_invalid"
        strange = orders.add_note(key="k4", order_id=order.id, text="Mine", account_id="acc_kevin")
        assert await refused(strange) == "order_unknown"
        assert len(await orders.notes(order_id=order.id)) == 2


async def test_over_rest_a_member_sees_their_own_notes_and_an_operator_all() -> None:
    async with opened() as house:
        order = await paid(house)
        member = house.sign_in_as("member", subject="acc_david")
        operator = house.sign_in_as("operator", subject="acc_li")
        stranger = house.sign_in_as("member", subject="acc_kevin")
        path = f"/v1/orders/{order.number}"

        async def post(what: str, who: dict[str, str], body: Any) -> int:
            headers = {**who, "idempotency-key": "once-and-only"}
            return (await house.rest.post(f"{path}/{what}", headers=headers, json=body)).status_code

        note = {"text": "Ring twice"}
        assert [await post("notes", who, note) for who in (member, member, operator)] == [201, 201, 201]
        assert await post("notes", stranger, note) == 404
        seen = [await house.rest.get(f"{path}/notes", headers=who) for who in (member, operator, stranger)]
        assert [len(each.json().get("items", [])) for each in seen] == [1, 2, 0]
        address = msgspec.to_builtins(HOTEL)
        assert [await post("address", who, address) for who in (stranger, member)] == [404, 200]
        edits = (await house.rest.get(f"{path}/edits", headers=operator)).json()["items"]
        assert [(each["actor"], each["after"]["line1"]) for each in edits] == [("acc_david", HOTEL.line1)]
