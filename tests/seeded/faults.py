"""Bugs that such systems have had, each as one change of one file, and the test that has to notice.

`old` stands in the file exactly once; when the code moves on, the fault moves with it.
"""

from __future__ import annotations

from typing import NamedTuple

KERNEL = "tests/kernel/test_saga.py"
SIMULATION = "tests/simulation/test_planted.py::test_some_schedules_come_to_rest"


class Fault(NamedTuple):
    """`test` is a pytest node; `schemas` those that it migrates, if it needs a database."""

    name: str
    path: str
    old: str
    new: str
    test: str
    schemas: str = "unit"


CHECKOUT = "brands,media,pricing,catalog,membership,inventory,loyalty,payments,orders,bag,promotions,fulfilment,checkout"
INVENTORY = "src/luxe/services/inventory/store/holding.py"
LOYALTY = "src/luxe/services/loyalty"
PAYMENTS = "src/luxe/services/payments"
LEDGER = "loyalty"

FAULTS = (
    # The saga
    Fault(
        "a driver whose lease is over still stores its outcome",
        "src/luxe/kernel/saga_outcomes.py",
        'runs.c.lease_until == bindparam("read_until", type_=DateTime(timezone=True)),',
        'bindparam("read_until", type_=DateTime(timezone=True)).is_not(None),',
        f"{KERNEL}::test_a_driver_that_lost_its_lease_saves_nothing",
    ),
    Fault(
        "two peers claim one due run",
        "src/luxe/kernel/saga_store.py",
        "runs.c.wake_at <= now, or_(runs.c.lease_until.is_(None), runs.c.lease_until < now)",
        "runs.c.wake_at <= now",
        "tests/simulation/test_memory_runs.py::test_a_driven_run_is_claimed_by_nobody_else",
    ),
    Fault(
        "a run is driven before its start is committed",
        "src/luxe/kernel/saga.py",
        "            self.database.after_commit(lambda: self._drive_soon(row))\n        return row\n\n    async def signal",
        "            self._drive_soon(row)\n        return row\n\n    async def signal",
        f"{KERNEL}::test_a_start_that_is_rolled_back_starts_nothing",
    ),
    Fault(
        "the unique index over owner and key is dropped",
        "src/luxe/kernel/saga_store.py",
        '        UniqueConstraint("owner", "key"),\n',
        "",
        f"{KERNEL}::test_the_same_key_is_the_same_run",
    ),
    Fault(
        "only the step that was refused is undone",
        "src/luxe/kernel/saga.py",
        "first = row.cursor == 0",
        "first = True",
        f"{KERNEL}::test_a_refusal_before_the_pivot_undoes_everything_last_first",
    ),
    Fault(
        "a signal that comes while a step runs is forgotten",
        "src/luxe/kernel/saga_outcomes.py",
        'wake_at=case((missed, at), else_=bindparam("due", type_=DateTime(timezone=True))),',
        'wake_at=bindparam("due", type_=DateTime(timezone=True)),',
        f"{KERNEL}::test_a_signal_that_arrives_while_the_step_runs_is_not_lost",
    ),
    Fault(
        "a light step that a lost process may have done is not undone",
        "src/luxe/kernel/saga_flow.py",
        "while row.taken_over and self.steps[index].light:",
        "while False and self.steps[index].light:",
        f"{KERNEL}::test_a_light_step_refused_when_done_again_undoes_what_may_have_followed",
    ),
    Fault(
        "a refusal past the pivot turns the run back",
        "src/luxe/kernel/saga.py",
        "if refusal.status >= 500 or row.cursor >= self.flow.pivot:",
        "if refusal.status >= 500:",
        f"{KERNEL}::test_a_refusal_from_the_pivot_on_is_tried_again_until_it_succeeds",
    ),
    Fault(
        "no answer counts as a refusal",
        "src/luxe/kernel/saga.py",
        "if refusal.status >= 500 or row.cursor >= self.flow.pivot:",
        "if row.cursor >= self.flow.pivot:",
        f"{KERNEL}::test_a_failure_is_not_a_refusal",
    ),
    # The flows
    Fault(
        "what gift cards have paid whole is undone past its pivot",
        "src/luxe/sagas/checkout/steps/paying.py",
        '        raise Conflict("gift cards may have paid for it", code="past_pivot")\n',
        "        return\n",
        "tests/sagas/checkout/test_checkout_end.py::test_what_gift_cards_paid_whole_is_not_undone_though_its_steps_were_never_stored",
        CHECKOUT,
    ),
    Fault(
        "the payment is captured before the order stands",
        "src/luxe/sagas/checkout/steps/paying.py",
        '    if intent.state == "authorised":\n        return payment\n',
        '    if intent.state == "authorised":\n        await payments.capture(run=run.id)\n        return payment\n',
        SIMULATION,
    ),
    Fault(
        "a refund is tried again under a new key",
        "src/luxe/sagas/refund/steps.py",
        "run=due.payment_run, key=key, amount=",
        'run=due.payment_run, key=f"{key} {clock.now()}", amount=',
        SIMULATION,
    ),
    Fault(
        "a checkout that is given up keeps its pieces",
        "src/luxe/sagas/checkout/steps/holding.py",
        "    await run.house.port(InventoryPort).release(run=run.id)\n",
        "",
        SIMULATION,
    ),
    Fault(
        "a checkout that is given up keeps its authorisation",
        "src/luxe/sagas/checkout/steps/paying.py",
        "        await run.house.port(PaymentsPort).cancel(run=run.id)\n",
        "        pass\n",
        SIMULATION,
    ),
    Fault(
        "points are reversed under the key of the order instead of the refund",
        "src/luxe/sagas/cancel/steps.py",
        "run=part.payment_run, key=run.id, refunded=part.goods",
        "run=part.payment_run, key=part.payment_run, refunded=part.goods.zero(part.goods.currency)",
        SIMULATION,
    ),
    Fault(
        "a cancelled order's pieces are not put back",
        "src/luxe/sagas/cancel/steps.py",
        "        if line.serials\n",
        "        if not line.serials\n",
        SIMULATION,
    ),
    # Stock
    Fault(
        "letting go frees other runs' pieces too",
        INVENTORY,
        ".where(units.c.run == run, units.c.order_id.is_(None))\n        .values(LET_GO)",
        ".where(units.c.run.is_not(None), units.c.order_id.is_(None))\n        .values(LET_GO)",
        "tests/services/inventory/test_model.py",
        "inventory",
    ),
    Fault(
        "pieces are picked without passing over those that are locked",
        INVENTORY,
        "LIMIT wanted.quantity FOR UPDATE OF units SKIP LOCKED",
        "LIMIT wanted.quantity",
        "tests/services/inventory/test_inventory.py::test_sixty_four_buyers_at_a_barrier_buy_twenty_units_exactly",
        "inventory",
    ),
    Fault(
        "a run that has let go can hold again",
        INVENTORY,
        'set_={"ended": True}',
        'set_={"ended": False}',
        "tests/services/inventory/test_inventory.py::test_a_run_that_has_let_go_holds_nothing_any_more",
        "inventory",
    ),
    Fault(
        "what is merely held is called sold out",
        "src/luxe/services/inventory/service/holding.py",
        "if found[line.variant_id].on_hand + found[line.variant_id].expected < line.quantity",
        "if found[line.variant_id].available < line.quantity",
        "tests/services/inventory/test_inventory.py::test_held_is_not_sold_out",
        "inventory",
    ),
    # Points
    Fault(
        "a run settles its points twice",
        f"{LOYALTY}/service/purchases.py",
        "run=run,\n            account_id=account_id,\n            reference=reference,",
        "run=new_id('run'),\n            account_id=account_id,\n            reference=reference,",
        "tests/services/loyalty/test_port.py::test_a_purchase_earns_once",
        LEDGER,
    ),
    Fault(
        "the newest points are spent first",
        f"{LOYALTY}/store/purchases.py",
        "OVER (ORDER BY l.expires_at, l.id)",
        "OVER (ORDER BY l.expires_at DESC, l.id)",
        "tests/services/loyalty/test_port.py::test_lots_lapse_oldest_first_but_not_while_held",
        LEDGER,
    ),
    Fault(
        "each part of a refund is rounded by itself",
        f"{LOYALTY}/service/reversing.py",
        "so_far = before.refunded_minor + refunded.minor\n    return Reversal(\n        taken_back=domain.proportion(sale.earned, so_far, sale.net_paid_minor) - before.taken_back,",
        "so_far = before.refunded_minor + refunded.minor\n    return Reversal(\n        taken_back=domain.proportion(sale.earned, refunded.minor, sale.net_paid_minor),",
        "tests/services/loyalty/test_reversals.py::test_partial_refunds_reverse_the_cumulative_proportion",
        LEDGER,
    ),
    Fault(
        "proportions are rounded down",
        f"{LOYALTY}/domain.py",
        "return round(Fraction(whole * refunded_minor, net_paid_minor))",
        "return int(Fraction(whole * refunded_minor, net_paid_minor))",
        "tests/services/loyalty/test_rules.py::test_a_proportion_is_rounded_half_to_even",
    ),
    Fault(
        "a journal has one side only",
        f"{LOYALTY}/store/posting.py",
        "    await tx.execute(insert(tables.entries).values(rows))\n",
        "    await tx.execute(insert(tables.entries).values(rows[:1]))\n",
        "tests/services/loyalty/test_adjustments.py::test_a_small_adjustment_is_made_at_once",
        LEDGER,
    ),
    # Payments
    Fault(
        "more is refunded than was captured",
        f"{PAYMENTS}/store/movements.py",
        "case((movable, intents.c.captured - intents.c.refunded - pending), else_=0)",
        "case((movable, intents.c.captured - intents.c.refunded), else_=0)",
        "tests/services/payments/test_refunds.py::test_refunds_at_once_stop_at_the_capture",
        "payments",
    ),
    Fault(
        "webhooks are believed without a signature",
        f"{PAYMENTS}/service/simulator.py",
        "if not self._genuine(body, signature, now):",
        "if False:",
        "tests/services/payments/test_payments_webhooks.py::test_forged_events_are_refused_and_leave_no_trace",
        "payments",
    ),
    Fault(
        "webhooks of any age are believed",
        f"{PAYMENTS}/service/simulator.py",
        "if len(at) > 12 or abs(now.timestamp() - int(at)) > TOLERANCE_SECONDS:",
        "if len(at) > 12:",
        "tests/services/payments/test_payments_webhooks.py::test_forged_events_are_refused_and_leave_no_trace",
        "payments",
    ),
    Fault(
        "late news takes a payment back",
        f"{PAYMENTS}/domain/life.py",
        "return [state for state, moves in TRANSITIONS.items() if event in moves]",
        "return [state for state in TRANSITIONS]",
        "tests/services/payments/test_payments_rules.py::test_news_never_takes_an_intent_back",
    ),
    # Gift cards, orders, facts, keys
    Fault(
        "a reused key is answered whatever the body says",
        "src/luxe/kernel/http_once.py",
        "if found.fingerprint != fingerprint:",
        "if False:",
        "tests/services/orders/test_orders_key.py::test_a_key_with_another_body_is_refused",
        "orders,inventory",
    ),
    Fault(
        "facts are lost between commit and outbox",
        "src/luxe/kernel/db.py",
        '            await unit.connection.execute(self._add_facts, {"rows": unit.facts})',
        "            pass",
        "tests/services/orders/test_orders_port.py::test_a_run_places_one_order",
        "orders,inventory",
    ),
    Fault(
        "gift cards are given back by the payment provider",
        "src/luxe/services/orders/domain/refunds.py",
        "    by_provider = draft.payable - ",
        "    by_provider = draft.paid - ",
        "tests/services/orders/test_refund_rules.py",
    ),
    Fault(
        "the parts of an amount lose its last cent",
        "src/luxe/kernel/money.py",
        "for index in by_remainder[: whole - sum(parts)]:",
        "for index in by_remainder[:0]:",
        "tests/services/promotions/test_voucher_rules.py::test_a_percentage_is_divided_by_price_to_the_minor_unit",
    ),
)
