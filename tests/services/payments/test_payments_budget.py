"""A checkout has forty SQL statements in all; this is the share of payments, outbox rows included."""

from __future__ import annotations

from luxe.services.payments.contract import Port
from tests.services.payments.provider import Psp, open_fee, paying
from tests.services.payments.test_payments_webhooks import event, signed
from tests.services.statements import statements


async def test_statements_of_a_payment(psp: Psp) -> None:
    async with paying(psp) as house:
        payments = house.port(Port)
        await psp.fault(webhook={"lose": 9})
        with statements(house, "payments") as opening:
            intent = await open_fee(payments)
        await psp.pay(intent)
        body = event(intent, "authorised", method={"type": "card", "brand": "visa", "last4": "4242"})
        with statements(house, "payments") as hearing:
            await payments.receive(body=body, signature=signed(body))
        with statements(house, "payments") as asking:
            await payments.refresh(run="run_1")
        with statements(house, "payments") as capturing:
            await payments.capture(run="run_1")
        body = event(intent, "captured")
        with statements(house, "payments") as hearing_again:
            await payments.receive(body=body, signature=signed(body))
        sent = {
            "open": len(opening),
            "authorised webhook": len(hearing),
            "refresh without news": len(asking),
            "capture": len(capturing),
            "captured webhook": len(hearing_again),
        }
        assert sent == {
            "open": 2,
            "authorised webhook": 2,
            "refresh without news": 1,
            "capture": 2,
            "captured webhook": 1,
        }
