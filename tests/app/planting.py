"""A small house that keeps every invariant, in a database without constraints, so that any of them can be broken."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, DateTime, Integer, LargeBinary, Table, insert, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.app.registry import manifests
from luxe.kernel import clock

RUN, ORDER, UNIT, INTENT = "run_bought", "ord_bought", "unit_sold", "pi_bought"
ACCOUNT = "acc_lin"
WANTED = "ord_" + 26 * "w"
"""The order that the waiting run was started for."""
_UNGUARD = """
DO $$ DECLARE each record; BEGIN
    FOR each IN SELECT conrelid\\:\\:regclass AS rel, conname FROM pg_constraint
        JOIN pg_class ON pg_class.oid = conrelid JOIN pg_namespace ON pg_namespace.oid = relnamespace
        WHERE nspname NOT LIKE 'pg_%' AND nspname <> 'information_schema' AND contype IN ('c', 'u', 'p', 'f')
        ORDER BY contype = 'p' LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', each.rel, each.conname);
    END LOOP;
    FOR each IN SELECT indexrelid\\:\\:regclass AS index FROM pg_index
        JOIN pg_class ON pg_class.oid = indrelid JOIN pg_namespace ON pg_namespace.oid = relnamespace
        WHERE nspname NOT LIKE 'pg_%' AND indisunique LOOP
        EXECUTE format('DROP INDEX %s', each.index);
    END LOOP;
END $$
"""


def tables() -> dict[str, Table]:
    """By schema and name, of every unit."""
    return {
        name: table
        for each in manifests()
        if each.metadata is not None
        for name, table in each.metadata.tables.items()
    }


class Planting:
    """Rows of any table; what must not be null and is not given gets an empty value of its type."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._tables = tables()
        self.now = clock.now()

    async def add(self, table: str, **given: Any) -> None:
        found = self._tables[table]
        values = {
            column.name: self._empty(column.type)
            for column in found.columns
            if not column.nullable and column.server_default is None and column.identity is None
        }
        await self._connection.execute(insert(found).values(values | given))

    async def run(self, statement: str, **values: Any) -> None:
        await self._connection.execute(text(statement), values)

    def ago(self, **span: float) -> Any:
        return self.now - timedelta(**span)

    def _empty(self, kind: Any) -> Any:
        if isinstance(kind, DateTime):
            return self.now
        if isinstance(kind, Date):
            return self.now.date()
        if isinstance(kind, Boolean):
            return False
        if isinstance(kind, (BigInteger, Integer)):
            return 0
        if isinstance(kind, JSONB):
            return {}
        return b"" if isinstance(kind, LargeBinary) else ""

    async def unguard(self) -> None:
        """Takes every constraint and trigger away: what they keep out is to be planted."""
        await self.run("SET session_replication_role = replica")
        await self.run(_UNGUARD)

    async def house(self) -> None:
        """One paid order of one piece with points, one that was given up, a free unit, and a run that waits for payment."""
        for run, state in ((RUN, "done"), ("run_left", "refused")):
            await self.add("checkout.runs", id=run, key=run, owner=ACCOUNT, state=state)
        waiting = {"order_id": WANTED}
        await self.add(
            "checkout.runs",
            id="run_waits",
            key="w",
            owner=ACCOUNT,
            state="running",
            wake_at=self.now,
            input=waiting,
        )
        await self._units()
        await self._order(RUN, ORDER, "paid", paid_at=self.now, gift_worth=100, discount=100)
        await self.add(
            "orders.refunds", run="run_refund", order_id=ORDER, state="done", amount=150, goods=150, gift=50,
            currency="CNY",
        )  # fmt: skip
        await self.add(
            "orders.refunds", run="run_edit", order_id=ORDER, kind="edit", state="done", currency="CNY"
        )
        before = {
            name: {"minor": minor, "currency": "CNY"}
            for name, minor in (("payable", 900), ("gift_worth", 100))
        }
        await self.add("orders.line_edits", id="led_1", run="run_edit", order_id=ORDER, before=before)
        await self.add("orders.sold_units", variant_id="var_ring", serial="S1", order_id=ORDER)
        await self._order("run_left", "ord_left", "cancelled")
        await self._intent(INTENT, RUN, "captured", captured=900, refunded=100)
        await self._intent("pi_left", "run_left", "voided")
        await self._points()
        await self._promotions()
        await self._fulfilment()
        await self.add(
            "membership.spend", order_id=ORDER, paid_minor=1000, refunded_minor=150, base_minor=850
        )
        await self.add("membership.spend_refunds", refund_id="rfd_1", order_id=ORDER, minor=150)

    async def _units(self) -> None:
        await self.add("inventory.movements", kind="receive", variant_id="var_ring", quantity=4, key="k1")
        await self.add("inventory.movements", kind="count", variant_id="var_ring", quantity=-1, key="k2")
        sold = {"run": RUN, "order_id": ORDER}
        await self.add("inventory.units", id=UNIT, variant_id="var_ring", serial="S1", **sold)
        await self.add("inventory.units", id="unit_free", variant_id="var_ring", serial="S2")
        held = {"run": "run_waits", "held_until": self.now + timedelta(hours=1)}
        await self.add("inventory.units", id="unit_held", variant_id="var_ring", serial="S3", **held)

    async def _order(
        self, run: str, order: str, state: str, gift_worth: int = 0, discount: int = 0, **more: Any
    ) -> None:
        """Of 1,000 less 100 in points; what the discount and gift cards take is on top of it."""
        goods = 1000 + gift_worth + discount
        line = {"quantity": 1, "total": {"minor": goods, "currency": "CNY"}, "variant_id": "var_ring"}
        if discount:
            line["reasons"] = [{"name": "Winter", "amount": {"minor": discount, "currency": "CNY"}}]
        await self.add(
            "orders.orders",
            id=order,
            number=order,
            run=run,
            account_id=ACCOUNT,
            state=state,
            currency="CNY",
            goods=goods,
            discount=discount,
            gift_worth=gift_worth,
            points_worth=100,
            payable=900,
            lines=[line],
            **more,
        )

    async def _intent(self, intent: str, run: str, state: str, captured: int = 0, refunded: int = 0) -> None:
        stands = {"state": state, "captured": captured, "refunded": refunded}
        of = {"account_id": ACCOUNT, "purpose": "checkout", "currency": "CNY", "amount": 900}
        await self.add("payments.intents", id=intent, run=run, **of, **stands)
        await self.add("payments.history", intent_id=intent, **stands)
        if refunded:
            back = {"kind": "refund", "state": "succeeded", "amount": refunded}
            await self.add("payments.movements", id=f"rfd_{intent}", intent_id=intent, run=run, **back)

    async def _points(self) -> None:
        await self.add("loyalty.balances", account_id=ACCOUNT, available=50, held=20)
        await self.add("loyalty.holds", run="run_waits", account_id=ACCOUNT, points=20, state="held")
        await self.journal(
            "jrn_1", "earn", "run_old", {f"member:{ACCOUNT}:available": 70, "house:issued:00": -70}, 70
        )
        moved = {f"member:{ACCOUNT}:available": -20, f"member:{ACCOUNT}:held": 20}
        await self.journal("jrn_2", "hold", "run_waits", moved)
        await self.add("loyalty.lots", id="lot_1", account_id=ACCOUNT, points=70, remaining=70)
        await self.add("loyalty.lot_moves", lot_id="lot_1", journal_id="jrn_1", points=70)
        await self.add("loyalty.sales", run="run_old", account_id=ACCOUNT, earned=70)

    async def journal(
        self, journal: str, kind: str, run: str, entries: dict[str, int], points: int = 0
    ) -> None:
        await self.add("loyalty.journals", id=journal, kind=kind, run=run, account_id=ACCOUNT, points=points)
        for account, points in entries.items():
            await self.add("loyalty.entries", journal_id=journal, account=account, points=points)

    async def _fulfilment(self) -> None:
        """The bought piece is on its way, and the only appointment of a time is taken."""
        await self.run("UPDATE inventory.units SET shipment = 'ship SH-1' WHERE id = :id", id=UNIT)
        of = {"id": "shp_1", "number": "SH-1", "order_id": ORDER, "account_id": ACCOUNT}
        await self.add("fulfilment.shipments", state="handed_over", booking="none", **of)
        piece = {"variant_id": "var_ring", "serial": "S1"}
        await self.add("fulfilment.shipment_units", shipment_id="shp_1", live=True, **piece)
        for state in ("packed", "handed_over"):
            await self.add("fulfilment.shipment_events", shipment_id="shp_1", state=state, moved=True)
        await self.add("fulfilment.slots", id="slt_1", capacity=1)
        await self.add("fulfilment.appointments", run=RUN, slot_id="slt_1", state="confirmed")

    async def _promotions(self) -> None:
        """A voucher used once, and a gift card of 500 that has paid 100, of which 50 came back."""
        await self.add("promotions.runs", run=RUN, account_id=ACCOUNT, state="settled")
        await self.add("promotions.runs", run="run_waits", account_id=ACCOUNT, state="held")
        await self.add("promotions.vouchers", id="vou_1", rules={"percent": 5, "in_all": 1})
        await self.add("promotions.uses", run=RUN, voucher_id="vou_1", account_id=ACCOUNT)
        await self.add("promotions.gift_cards", id="gft_1", currency="CNY", available_minor=450)
        await self.add("promotions.gift_uses", run=RUN, card_id="gft_1", amount_minor=100, currency="CNY")
        await self.add("promotions.gift_returns", run=RUN, key="r", amount_minor=50, currency="CNY")
        on_card = "card:gft_1:available"
        for number, (source, target, minor) in enumerate(
            (
                ("house:issued:00", on_card, 500),
                (on_card, "house:spent:00", 100),
                ("house:spent:00", on_card, 50),
            )
        ):
            journal = f"jrn_gift_{number}"
            await self.add("promotions.gift_journals", id=journal, card_id="gft_1", currency="CNY")
            for account, signed in ((source, -minor), (target, minor)):
                await self.add(
                    "promotions.gift_entries",
                    journal_id=journal,
                    account=account,
                    amount_minor=signed,
                    currency="CNY",
                )
