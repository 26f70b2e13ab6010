"""The invariants of architecture.md section 6, for a schedule that has come to rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from luxe.services.loyalty import domain
from luxe.services.orders.contract import Order, Refund
from tests.simulation.schedule import PEOPLE, SAGAS, Schedule

LIVE_ORDERS = ("paid", "shipped", "delivered", "partly_returned", "returned", "cancelled")


def broken(schedule: Schedule) -> list[str]:
    """What does not hold, in words; nothing if all does."""
    if schedule.problem:
        return [schedule.problem]
    rules = (_ledger, _gift_cards, _stock, _orders, _money, _points_of_runs, _runs, _acknowledged)
    return [f"{rule.__name__[1:]}: {what}" for rule in rules for what in rule(schedule)]


def _ledger(schedule: Schedule) -> Iterator[str]:
    """sum of entries = 0 · cached balance = sum of entries · no negative points"""
    sums: Counter[str] = Counter()
    for journal in schedule.loyalty.journals:
        if sum(points for _, points in journal.entries):
            yield f"{journal} does not sum to zero"
        for account, points in journal.entries:
            sums[account] += points
    if sums != schedule.loyalty.balances:
        yield f"balances {schedule.loyalty.balances} are not the sums {sums}"
    for person in PEOPLE:
        available, held = sums[domain.available_account(person)], sums[domain.held_account(person)]
        if available < 0 or held or sums[domain.owed_account(person)] > 0:
            yield f"{person} has {available} points, {held} held, {sums[domain.owed_account(person)]} owed"
        if available and sums[domain.owed_account(person)]:
            yield f"{person} owes and has points"
    if any(hold.state == "held" for hold in schedule.loyalty.holds.values()):
        yield "points are still held"


def _gift_cards(schedule: Schedule) -> Iterator[str]:
    sums: Counter[str] = Counter()
    for account, minor in schedule.promotions.entries:
        sums[account] += minor
    for code, minor in schedule.promotions.cards.items():
        if minor < 0 or sums[f"card:{code}"] != minor or sums[f"held:{code}"]:
            yield f"{code} has {minor}, its entries say {sums[f'card:{code}']} and {sums[f'held:{code}']} held"
    for run, order in schedule.orders.by_run.items():
        worth = order.draft.gift_worth.minor if order.draft.gift_worth and order.paid_at else 0
        spent = sum(schedule.promotions.spent.get(run, {}).values())
        given = sum(minor for (of, _), minor in schedule.promotions.given.items() if of == run)
        back = [each for each in schedule.orders.refunds(order_id=order.id) if each.state == "done"]
        if spent != worth or given != sum(_gift(each) for each in back):
            yield f"{run}: gift cards paid {spent} of {worth}, and {given} went back to them"


def _stock(schedule: Schedule) -> Iterator[str]:
    """units = on hand + held + sold · every hold ends · a serial number is in at most one live order"""
    inventory = schedule.inventory
    if len(inventory.units) + len(inventory.written_off) != inventory.received:
        yield "units came or went"
    for unit in inventory.units:
        if unit.state == "held":
            yield f"{unit.serial} is still held by {unit.run}"
    sold = {unit.serial: unit.order_id for unit in inventory.units if unit.state == "sold"}
    if sold != schedule.orders.sold:
        yield f"sold are {sold}, orders list {schedule.orders.sold}"


def _orders(schedule: Schedule) -> Iterator[str]:
    for order in schedule.orders.by_run.values():
        if order.state not in LIVE_ORDERS:
            yield f"{order.id} is still {order.state}"
        pieces = sum(line.quantity for line in order.draft.lines)
        listed = sum(len(line.serials) for line in order.draft.lines)
        if order.paid_at is not None and pieces != listed:
            yield f"{order.id} has {pieces} pieces and {listed} serial numbers"
    if pending := [each for each in schedule.orders.given.values() if each and each.state == "pending"]:
        yield f"money is still on its way back: {pending}"


def _money(schedule: Schedule) -> Iterator[str]:
    """every capture has one order · no order is paid without a capture · refunds ≤ capture, by the provider's own books"""
    orders, known = schedule.orders, set()
    for run, booked in schedule.payments.books.items():
        there = schedule.provider.intents.get(booked.intent.id)
        known.add(booked.intent.id)
        order = orders.by_run.get(run)
        captured = 0 if there is None else there.captured
        refunded = 0 if there is None else there.refunded
        if there is not None:
            if there.effects.count("capture") > 1 or captured > there.amount.minor or refunded > captured:
                yield f"{run}: the provider did {there.effects}"
            books = booked.intent.captured.minor, booked.intent.refunded.minor
            if books != (captured, refunded):
                yield f"{run}: books say {books}, the provider {(captured, refunded)}"
            if there.reference in schedule.left_authorised:
                yield f"{run}: an authorisation was left behind"
        due = _kept(schedule, order)
        if captured - refunded != due:
            yield f"{run}: {captured - refunded} kept, {due} due, the order is {order and order.state}"
        if order is not None and order.paid_at is not None and captured != order.draft.payable.minor:
            yield f"{run}: an order is paid without its capture"
    if strangers := set(schedule.provider.intents) - known:
        yield f"intents of nobody: {strangers}"
    for run, order in orders.by_run.items():
        if order.paid_at is not None and order.draft.payable.minor and run not in schedule.payments.books:
            yield f"{run}: an order is paid without a payment"


def _kept(schedule: Schedule, order: Order | None) -> int:
    """What the house may keep for an order: what was paid for it less what was given back."""
    if order is None or order.paid_at is None:
        return 0
    back = [each for each in schedule.orders.refunds(order_id=order.id) if each.state == "done"]
    return order.draft.payable.minor - sum(each.amount.minor - _gift(each) for each in back)


def _gift(refund: Refund) -> int:
    return refund.gift.minor if refund.gift else 0


def _points_of_runs(schedule: Schedule) -> Iterator[str]:
    """The same run earns and redeems once; what was given back whole has reversed its points whole."""
    effects = Counter((each.run, each.kind) for each in schedule.loyalty.journals if each.run)
    for (run, kind), times in effects.items():
        if kind in ("hold", "release", "redeem", "earn") and times > 1:
            yield f"{run}: {kind} happened {times} times"
    for run, order in schedule.orders.by_run.items():
        sale = schedule.loyalty.sales.get(run)
        if (sale is not None) != (order.paid_at is not None):
            yield f"{run}: the order is {order.state}, its points were {'' if sale else 'not '}settled"
        if sale is None or order.state != "cancelled":
            continue
        back = [each for (of, _), (_, each) in schedule.loyalty.reversals.items() if of == run]
        if sum(each.taken_back for each in back) != sale.earned or (
            sum(each.given_back for each in back) != sale.redeemed
        ):
            yield f"{run}: cancelled, and its points are not reversed: {sale}, {back}"


def _runs(schedule: Schedule) -> Iterator[str]:
    """once faults stop, nothing stays in between"""
    for manifest in SAGAS:
        rows = schedule.world.runs[manifest.name].rows
        keys = Counter((row.owner, row.key) for row in rows.values())
        if any(times > 1 for times in keys.values()):
            yield f"{manifest.name}: a key started several runs: {keys}"
        for row in rows.values():
            if row.state not in ("done", "refused", "ended"):
                yield f"{manifest.name} {row.id} is {row.state}"
    for row in schedule.world.runs["checkout"].rows.values():
        order = schedule.orders.by_run.get(row.id)
        if row.state == "done" and (order is None or order.paid_at is None):
            yield f"{row.id} is done, and its order is {order and order.state}"
        if row.state != "done" and order is not None and order.state != "cancelled":
            yield f"{row.id} is {row.state}, and its order is {order.state}"
        booked = schedule.payments.books.get(row.id)
        there = schedule.provider.intents.get(booked.intent.id) if booked else None
        if row.state == "refused" and there is not None and "capture" in there.effects:
            yield f"{row.id} is {row.state}, and money was taken for it: {there.effects}"


def _acknowledged(schedule: Schedule) -> Iterator[str]:
    """an acknowledged write survives · same key, same run"""
    runs: dict[tuple[str, str], set[str]] = {}
    for wish in schedule.wishes:
        if wish.run not in schedule.world.runs["checkout"].rows:
            yield f"{wish.run} was acknowledged and is lost"
        runs.setdefault((wish.input.account_id, wish.key), set()).add(wish.run)
    if any(len(each) > 1 for each in runs.values()):
        yield f"one key, several runs: {runs}"
    by_id = {order.id: order for order in schedule.orders.by_run.values()}
    for order_id in schedule.told_paid:
        if by_id[order_id].paid_at is None:
            yield f"{order_id} was told to be paid"
