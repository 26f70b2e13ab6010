"""The pure rules of orders, and what REST shows of them."""

from __future__ import annotations

import string

from hypothesis import given
from hypothesis import strategies as st

from luxe.services.orders.contract import Port
from luxe.services.orders.domain import CROCKFORD, TRANSITIONS, hear_number, sources, spell_number
from tests.harness import running
from tests.services.orders.drafts import draft, line


@given(st.integers(0, 2**40 - 1))
def test_a_number_is_heard_as_it_was_spelt(random: int) -> None:
    number = spell_number(random)
    assert len(number) == 11
    assert set(number[3:]) <= set(CROCKFORD)
    said = number.lower().replace("0", "o").replace("1", "l")
    assert hear_number(f" {said} ") == hear_number(number[3:7] + "-" + number[7:]) == number


@given(st.integers(0, 2**40 - 1), st.integers(0, 2**40 - 1))
def test_different_bits_are_different_numbers(one: int, other: int) -> None:
    assert (spell_number(one) == spell_number(other)) == (one == other)


@given(st.text(string.printable + "\0ſ²", max_size=14))
def test_what_is_heard_is_a_number_or_nothing(said: str) -> None:
    heard = hear_number(said)
    assert heard == "" or (len(heard) == 11 and set(heard[3:]) <= set(CROCKFORD))


@given(st.lists(st.sampled_from(["pay", "cancel"]), max_size=6))
def test_the_first_event_decides(events: list[str]) -> None:
    state = "placed"
    for event in events:
        if state in sources(event):  # type: ignore[arg-type]
            state = TRANSITIONS[state][event]  # type: ignore[index]
    assert state == {"pay": "paid", "cancel": "cancelled"}.get(events[0] if events else "", "placed")


async def test_orders_over_rest() -> None:
    async with running("orders") as house:
        orders = house.port(Port)
        placed = [
            await orders.place(run=f"run_{number}", draft=draft(line(quantity=2))) for number in range(3)
        ]
        mine = house.sign_in_as("member", subject="acc_david")
        first = (await house.rest.get("/v1/orders", params={"limit": 2}, headers=mine)).json()
        rest = (await house.rest.get("/v1/orders", params={"cursor": first["next"]}, headers=mine)).json()
        assert [item["number"] for item in first["items"] + rest["items"]] == [
            order.number for order in reversed(placed)
        ]
        one = (await house.rest.get(f"/v1/orders/{placed[0].number}", headers=mine)).json()
        assert one["payable"] == {"minor": 2_560_000, "currency": "CNY"}
        assert [entry["what"] for entry in one["timeline"]] == ["placed"]
        assert not {"run", "account_id", "draft"} & set(one)
        other = house.sign_in_as("member", subject="acc_kevin")
        refused = await house.rest.get(f"/v1/orders/{placed[0].id}", headers=other)
        assert (refused.status_code, refused.json()["code"]) == (404, "order_unknown")
        garbled = await house.rest.get("/v1/orders/%00", headers=mine)
        assert (garbled.status_code, garbled.json()["code"]) == (400, "text_invalid")
        assert (await house.rest.get("/v1/orders", params={"limit": 0}, headers=mine)).status_code == 400
        assert (await house.rest.get("/v1/orders", params={"cursor": "?"}, headers=mine)).json()[
            "code"
        ] == "cursor_invalid"
        key = house.sign_in_as("member", subject="acc_david", scopes=["bag:read"])
        assert (await house.rest.get("/v1/orders", headers=key)).status_code == 403
        assert (await house.rest.get("/v1/orders")).status_code == 401
