"""`luxe verify` on a house in which one invariant at a time is broken: it names that one, and the row."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy import text

from luxe.app import verify as verifying
from luxe.app.invariants.registry import INVARIANTS
from luxe.kernel.db import make_engine
from luxe.kernel.settings import Settings
from tests.app.planting import ACCOUNT, INTENT, ORDER, RUN, WANTED, Planting
from tests.harness import copied_database, drop_database, fresh_database, make_settings

Plant = Callable[[Planting], Awaitable[None]]


def saying(statement: str) -> Plant:
    async def plant(planting: Planting) -> None:
        await planting.run(statement)

    return plant


def adding(table: str, **values: object) -> Plant:
    async def plant(planting: Planting) -> None:
        await planting.add(table, **values)

    return plant


async def over_credited(planting: Planting) -> None:
    await planting.add("orders.bill_numbers", series="CRN", year=2026, given=1)
    await planting.add(
        "orders.bills", kind="credit_note", series="CRN", year=2026, place=1, order_id=ORDER, refund_id="rfd_1",
        content={"total": {"minor": 150, "currency": "CNY"}},
    )  # fmt: skip


async def half_exchanged(planting: Planting) -> None:
    await planting.add("orders.returns", id="ret_1", run="run_swap", order_id=ORDER, state="inspected")
    await planting.add(
        "orders.exchanges", return_id="ret_1", run="run_swap", order_id=ORDER, replacement_id="ord_none"
    )


async def overdue_fact(planting: Planting) -> None:
    await planting.add("bag.outbox", id="fact_1", type="bag.Changed", at=planting.ago(minutes=11))


async def overdue_hold(planting: Planting) -> None:
    await planting.run(
        "UPDATE inventory.units SET held_until = :at WHERE id = 'unit_held'", at=planting.ago(minutes=11)
    )


async def overdue_answer(planting: Planting) -> None:
    await planting.run(
        "UPDATE payments.intents SET ask_at = :at WHERE id = 'pi_left'", at=planting.ago(minutes=11)
    )


async def overdue_refund(planting: Planting) -> None:
    await planting.add(
        "payments.movements", id="rfd_1", kind="refund", intent_id=INTENT, amount=1, state="pending",
        ask_at=planting.ago(minutes=11),
    )  # fmt: skip


async def unfitting_refund(planting: Planting) -> None:
    await planting.add(
        "payments.movements", id="rfd_1", kind="refund", intent_id=INTENT, amount=901, state="pending",
        ask_at=planting.now,
    )  # fmt: skip


async def undriven_run(planting: Planting) -> None:
    await planting.run(
        "UPDATE checkout.runs SET wake_at = :at WHERE id = 'run_waits'", at=planting.ago(minutes=11)
    )


async def doubled_key(planting: Planting) -> None:
    for _ in range(2):
        await planting.add("bag.idempotency", caller="acc_1", route="POST /v1/bag", key="k", status=200)


async def doubled_reaction(planting: Planting) -> None:
    for _ in range(2):
        await planting.add("search.inbox", fact_id="fact_1", reaction="index")


async def doubled_order(planting: Planting) -> None:
    await planting.run("UPDATE orders.orders SET run = :run WHERE id = 'ord_left'", run=RUN)


async def second_live_order(planting: Planting) -> None:
    await planting.run("UPDATE orders.orders SET state = 'cancelling' WHERE id = 'ord_left'")
    await planting.add("orders.sold_units", variant_id="var_other", serial="S1", order_id="ord_left")


async def second_earning(planting: Planting) -> None:
    await planting.journal("jrn_3", "earn", "run_old", {"house:issued:00": -5, "house:expired": 5})


async def kept_money(planting: Planting) -> None:
    await planting.run("UPDATE payments.intents SET state = 'captured', captured = 900 WHERE id = 'pi_left'")
    await planting.add("payments.history", intent_id="pi_left", state="captured", captured=900)


SUMS = "cached points are the sum of their entries"
LOTS = "lots hold what is available and held"
GIFTS = "what is on a gift card is the sum of its entries"
RETURNS = "refunds give back no more than gift cards paid"
HELD_CODES = "no codes and gift cards are held for a run that has ended"
CARDS_PAID = "what gift cards paid of an order was spent from them"
CARDS_BACK = "what an order gave back to gift cards has come to them"
EDITED = "an edited order costs less by what its edits gave back"
REPLACED = "a replacement is paid by what is kept for it and by its own payment"
PLANTS: dict[str, tuple[Plant, str, set[str]]] = {
    "a journal's entries sum to zero": (
        adding("loyalty.entries", journal_id="jrn_2", account="house:redeemed", points=5), "jrn_2", set()),
    SUMS: (
        saying("UPDATE loyalty.balances SET available = 51"), f"member:{ACCOUNT}:available", {LOTS}),
    "no points are negative": (
        saying("UPDATE loyalty.balances SET available = -1"), ACCOUNT, {SUMS, LOTS}),
    "whoever owes points has none available": (
        saying("UPDATE loyalty.balances SET owed = 5"), ACCOUNT, {SUMS}),
    LOTS: (saying("UPDATE loyalty.lots SET remaining = 69"), ACCOUNT, {"a lot holds the sum of its moves"}),
    "a lot holds the sum of its moves": (
        adding("loyalty.lot_moves", lot_id="lot_1", points=5), "lot_1", set()),
    "a journal moves lots by what it moves the member's points": (
        saying("UPDATE loyalty.journals SET points = 69 WHERE id = 'jrn_1'"), "jrn_1", set()),
    "refunds reverse no more points than a run earned and spent": (
        adding("loyalty.reversals", run="run_old", key="k", taken_back=71), "run_old", set()),
    "held points are the sum of their holds": (
        saying("UPDATE loyalty.holds SET points = 19"), ACCOUNT, set()),
    "a run earns and redeems at most once": (second_earning, "run_old earn", set()),
    "a gift journal's entries sum to zero in each currency": (
        adding("promotions.gift_entries", journal_id="jrn_gift_0", account="house", amount_minor=5, currency="EUR"),
        "jrn_gift_0", set()),
    GIFTS: (saying("UPDATE promotions.gift_cards SET available_minor = 449"), "card:gft_1:available", set()),
    "no gift card is negative": (
        saying("UPDATE promotions.gift_cards SET available_minor = -1"), "gft_1", {GIFTS}),
    "what is held on a gift card is held by runs": (
        saying("UPDATE promotions.runs SET state = 'held'"), "gft_1", {RETURNS, HELD_CODES, CARDS_PAID}),
    RETURNS: (saying("UPDATE promotions.gift_returns SET amount_minor = 101"), RUN, {CARDS_BACK}),
    HELD_CODES: (
        saying("UPDATE promotions.runs SET run = 'run_left' WHERE state = 'held'"), "run_left", set()),
    CARDS_PAID: (
        saying("UPDATE orders.orders SET gift_worth = 101, payable = 899 WHERE id = 'ord_bought'"), RUN, {EDITED}),
    CARDS_BACK: (saying("UPDATE orders.refunds SET gift = 49 WHERE run = 'run_refund'"), RUN, set()),
    EDITED: (
        saying("UPDATE orders.line_edits SET before = jsonb_set(before, '{payable,minor}', '901')"), ORDER, set()),
    "spend counts less what has gone back of it": (
        saying("UPDATE membership.spend SET refunded_minor = 149"), ORDER, set()),
    "no voucher is used more often than its caps say": (
        adding("promotions.uses", run="run_left", voucher_id="vou_1", account_id="acc_other"), "vou_1", set()),
    "a piece is in one live shipment of an order": (
        adding("fulfilment.shipment_units", shipment_id="shp_2", variant_id="var_ring", serial="S1", live=True),
        "S1", set()),
    "the pieces of a shipment are free once it was called off or came back": (
        saying("UPDATE fulfilment.shipment_units SET live = false"), "shp_1", set()),
    "a shipment stands as its events last moved it": (
        saying("UPDATE fulfilment.shipments SET state = 'delivered'"), "shp_1", set()),
    "no more appointments stand than there is room for": (
        saying("UPDATE fulfilment.slots SET capacity = 0"), "slt_1", set()),
    "what is on its way has been shipped from stock": (
        saying("UPDATE inventory.units SET shipment = NULL WHERE id = 'unit_sold'"), "var_ring S1", set()),
    "units there are the sum of their movements": (
        saying("DELETE FROM inventory.units WHERE id = 'unit_free'"), "var_ring", set()),
    "no stock is negative": (
        adding("inventory.movements", kind="count", variant_id="var_none", quantity=-1), "var_none",
        {"units there are the sum of their movements"}),
    "a unit is free, held or sold, and only one of them": (
        saying("UPDATE inventory.units SET run = 'run_left' WHERE id = 'unit_free'"), "unit_free", set()),
    "every unit of a transfer is on its way, has arrived or is back": (
        adding("inventory.transfers", id="trf_1", state="in_transit", quantity=1), "trf_1", set()),
    "a serial number is one unit": (
        saying("UPDATE inventory.units SET serial = 'S3' WHERE id = 'unit_free'"), "S3", set()),
    "a hold on a unit ends by its time": (overdue_hold, "unit_held", set()),
    "refunds never exceed captures": (
        saying("UPDATE payments.intents SET refunded = 901 WHERE id = 'pi_bought'"), INTENT,
        {"a payment stands as its history last says", "what is refunded is the sum of its refunds"}),
    "what is refunded is the sum of its refunds": (
        adding("payments.movements", kind="refund", intent_id=INTENT, amount=5, state="succeeded"), INTENT, set()),
    "refunds that are under way fit into the capture": (unfitting_refund, INTENT, set()),
    "a movement that waits for an answer is asked about": (overdue_refund, "rfd_1", set()),
    "captures never exceed what was authorised": (
        saying("UPDATE payments.intents SET amount = 899 WHERE id = 'pi_bought'"), INTENT, set()),
    "a run has one payment": (
        saying("UPDATE payments.intents SET run = 'run_bought' WHERE id = 'pi_left'"), RUN, set()),
    "a payment stands as its history last says": (
        saying("UPDATE payments.intents SET state = 'failed' WHERE id = 'pi_left'"), "pi_left", set()),
    "a provider that owes an answer is asked for it": (overdue_answer, "pi_left", set()),
    "a serial number is in at most one live order": (
        second_live_order, "S1", set()),
    "a paid order has as many serial numbers as pieces": (
        adding("orders.sold_units", variant_id="var_ring", serial="S9", order_id=ORDER), ORDER,
        {"a unit is sold to the order that lists it"}),
    "an order's sums add up": (
        saying("UPDATE orders.orders SET goods = 1001 WHERE id = 'ord_left'"), "ord_left", set()),
    "an order gives back no more than was paid for it": (
        adding("orders.refunds", order_id=ORDER, run="run_back", state="done", amount=10**9), ORDER, set()),
    "no refund is set aside for a run that has ended": (
        adding("orders.refunds", order_id=ORDER, run="run_back", state="pending", amount=1), "run_back", set()),
    "a run has one order": (doubled_order, RUN, set()),
    "what is kept of a payment is kept for a replacement that stands": (
        adding("orders.refunds", run="run_swap kept", order_id=ORDER, kind="exchange", state="kept", currency="CNY"),
        "run_swap kept", set()),
    REPLACED: (
        adding("orders.exchanges", return_id="ret_1", run="run_swap", order_id=ORDER, replacement_id="ord_none"),
        "run_swap", set()),
    "a unit that was exchanged has its replacement": (
        adding("orders.returns", id="ret_1", run="run_swap", order_id=ORDER, state="exchanged"), "ret_1", set()),
    "no exchange is left between two pieces": (half_exchanged, "run_swap", {REPLACED}),
    "invoices and credit notes are numbered without a gap": (
        adding("orders.bill_numbers", series="INV", year=2026, given=1), "INV", set()),
    "an order is credited with no more than was invoiced": (over_credited, ORDER, set()),
    "no order waits for a run that has ended": (
        saying("UPDATE orders.orders SET state = 'placed' WHERE id = 'ord_left'"), "ord_left", set()),
    "a captured payment has one paid order, or was given back": (kept_money, "run_left", set()),
    "a paid order's payment is captured": (
        saying("UPDATE orders.orders SET state = 'paid', paid_at = now() WHERE id = 'ord_left'"), "run_left",
        {"a paid order has as many serial numbers as pieces"}),
    "a unit is sold to the order that lists it": (
        saying("UPDATE inventory.units SET order_id = 'ord_left' WHERE id = 'unit_sold'"), "S1", set()),
    "no unit is held for a run that has ended": (
        saying("UPDATE inventory.units SET run = 'run_left' WHERE id = 'unit_held'"), "run_left", set()),
    "no points are held for a run that has ended": (
        saying("UPDATE loyalty.holds SET run = 'run_left'"), "run_left", set()),
    "facts leave their outbox": (overdue_fact, "bag 1", set()),
    "a fact is reacted to once": (doubled_reaction, "search fact_1", set()),
    "an idempotency key has one answer": (doubled_key, "bag k", set()),
    "a run that is under way is driven": (undriven_run, "run_waits", set()),
    "a key started one run": (
        saying("UPDATE checkout.runs SET key = 'run_bought' WHERE id = 'run_left'"),
        "checkout acc_lin run_bought", set()),
}  # fmt: skip
AT_REST = {
    "no run is under way or stuck": "run_waits",
    "no unit is held for a run that has ended": "run_waits",
    "no points are held for a run that has ended": "run_waits",
    HELD_CODES: "run_waits",
}


@pytest.fixture(scope="module")
async def house() -> AsyncIterator[str]:
    """The database of a house that keeps every invariant."""
    url = await fresh_database()
    engine = make_engine(url)
    async with engine.begin() as connection:
        planting = Planting(connection)
        await planting.unguard()
        await planting.house()
    await engine.dispose()
    yield url
    await drop_database(url)


@pytest.fixture
async def settings(house: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Settings]:
    """Of a copy of that house."""
    monkeypatch.setattr(verifying, "SECOND_LOOK", timedelta())
    url = await copied_database(house)
    yield make_settings(url)
    await drop_database(url)


async def planted(settings: Settings, plant: Plant) -> None:
    engine = make_engine(settings.database_url)
    async with engine.begin() as connection:
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        await plant(Planting(connection))
    await engine.dispose()


def broken(report: verifying.Report) -> dict[str, list[str]]:
    """Names of rows by name of the invariant."""
    return {each.name: [str(next(iter(row.values()))) for row in each.rows] for each in report.broken}


async def test_a_sound_house_keeps_every_invariant_and_each_has_something_to_keep(settings: Settings) -> None:
    report = await verifying.verify(settings)
    assert (broken(report), report.under_way, report.stuck) == ({}, 1, 0)
    counts = {each.name: each.checked for each in report.findings}
    assert counts["a journal's entries sum to zero"] == 2
    assert counts["units there are the sum of their movements"] == 3
    assert counts["a captured payment has one paid order, or was given back"] == 2


@pytest.mark.parametrize("name", PLANTS)
async def test_the_row_that_breaks_an_invariant_is_named(settings: Settings, name: str) -> None:
    plant, row, also = PLANTS[name]
    await planted(settings, plant)
    found = broken(await verifying.verify(settings))
    assert (found.get(name), set(found)) == ([row], {name, *also})


def test_each_invariant_has_been_seen_broken() -> None:
    assert {each.name for each in INVARIANTS} == set(PLANTS) | set(AT_REST)


async def test_at_rest_nothing_is_passed_over(settings: Settings) -> None:
    assert broken(await verifying.verify(settings, at_rest=True)) == {
        name: [row] for name, row in AT_REST.items()
    }


async def test_what_a_run_under_way_has_to_do_with_is_passed_over(settings: Settings) -> None:
    """By its own id, and by the id of the order that it was started for."""

    await planted(
        settings, saying("UPDATE orders.orders SET state = 'placed', run = 'run_waits' WHERE id = 'ord_left'")
    )
    await planted(
        settings, saying(f"UPDATE inventory.units SET order_id = '{WANTED}' WHERE id = 'unit_sold'")
    )
    assert broken(await verifying.verify(settings)) == {}
    at_rest = broken(await verifying.verify(settings, at_rest=True))
    assert at_rest == {name: [row] for name, row in AT_REST.items()} | {
        "no order waits for a run that has ended": ["ord_left"],
        "a unit is sold to the order that lists it": ["S1"],
    }


async def test_no_more_than_ten_rows_are_shown_and_all_are_counted(settings: Settings) -> None:
    async def many(planting: Planting) -> None:
        for number in range(12):
            await planting.journal(f"jrn_x{number:02}", "adjust", f"run_{number}", {"house:expired": 1})

    await planted(settings, many)
    found = next(each for each in (await verifying.verify(settings)).broken)
    assert (found.broken, [row["journal_id"] for row in found.rows]) == (
        12,
        [f"jrn_x{n:02}" for n in range(10)],
    )


async def test_what_is_right_at_the_second_look_is_not_broken(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    await planted(settings, saying("UPDATE loyalty.balances SET available = 51"))
    pause = verifying.asyncio.sleep

    async def mend(seconds: float) -> None:
        await planted(settings, saying("UPDATE loyalty.balances SET available = 50"))
        await pause(seconds)

    monkeypatch.setattr(verifying.asyncio, "sleep", mend)
    assert broken(await verifying.verify(settings)) == {}


async def test_services_with_databases_of_their_own_are_compared_as_well(
    settings: Settings, house: str
) -> None:
    """Orders in one database, everything else in another: the copy has a changed order, the original has not."""
    await planted(settings, saying("UPDATE orders.orders SET state = 'placed' WHERE id = 'ord_bought'"))
    apart = make_settings(house, database_urls=f'{{"orders": "{settings.database_url}"}}')
    found = broken(await verifying.verify(apart))
    assert found == {
        "a captured payment has one paid order, or was given back": [RUN],
        "an order gives back no more than was paid for it": [ORDER],
        "no order waits for a run that has ended": [ORDER],
    }
    assert broken(await verifying.verify(make_settings(house))) == {}


async def test_a_database_of_another_version_is_not_taken_for_a_sound_one(settings: Settings) -> None:
    await planted(settings, saying("ALTER TABLE loyalty.entries RENAME TO postings"))
    with pytest.raises(verifying.Unverifiable, match="a journal's entries sum to zero"):
        await verifying.verify(settings)
