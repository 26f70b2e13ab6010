"""A house in which everything exists that the document's examples name, under those very ids."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec

from luxe.app import openapi_examples as examples
from luxe.app import openapi_payments
from luxe.app.openapi import document
from luxe.app.openapi_words import ACCESS
from luxe.app.registry import unit_names
from luxe.kernel import clock, ids
from luxe.kernel.money import Money
from luxe.services.brands import contract as brands
from luxe.services.catalog import contract as catalog
from luxe.services.fulfilment import contract as fulfilment
from luxe.services.identity import contract as identity
from luxe.services.inventory import contract as inventory
from luxe.services.loyalty import contract as loyalty
from luxe.services.membership import contract as membership
from luxe.services.notifications import contract as notifications
from luxe.services.orders import contract as orders
from luxe.services.pricing import contract as pricing
from luxe.services.promotions import contract as promotions
from tests.harness import Running, running
from tests.outside.parties import KEY, SECRET, start_psp
from tests.services.orders.drafts import draft, line

OPERATOR = "acc_01jd7q2x8zf3k9m4n5p6r7s801"
PRICES = [Money(1_280_000, "CNY"), Money(165_000, "EUR")]
UNLIMITED = 1_000_000

Headers = dict[str, str]


@contextmanager
def named(*wanted: str) -> Iterator[None]:
    """The next id of each of these kinds is the one wanted."""
    fresh = ids._ids.make
    waiting = {each.partition("_")[0]: each for each in wanted}
    ids.replace_maker(lambda prefix: waiting.pop(prefix, "") or fresh(prefix))
    try:
        yield
    finally:
        ids.replace_maker(fresh)
    assert not waiting, f"nobody asked for {waiting}"


class RestHouse:
    """`weiran` is a member, `li` an operator and auditor, `noor` approved but not joined, `ada` has not applied yet."""

    def __init__(self, house: Running) -> None:
        self.house = house
        self.document = document(house.settings)
        self.accounts: dict[str, identity.Account] = {}
        self.sessions: dict[str, Headers] = {}
        self.keys: dict[str, Headers] = {}

    async def fill(self) -> None:
        for person in ("li", "weiran", "noor", "ada", "jun"):
            await self._open(person)
        for role in ("operator", "auditor", "integrator"):
            await self._grant("li", role)
        await self._pieces()
        await self._belonging()
        await self._credentials()
        await self._webhooks()
        await self._buying()
        await self._difference()
        await self._transfers()
        await self._points()
        await self._promotions()
        await self._shipments()
        for _ in range(2):
            await self.house.settle()
        await self.house.run_jobs("search")

    def who(self, operation_id: str) -> str:
        """The person whose call the example of an operation is."""
        special = {"apply": "ada", "startJoin": "noor", "getJoin": "noor"}
        roles = ACCESS[operation_id].roles
        return special.get(operation_id, "li" if roles and "member" not in roles else "weiran")

    async def fresh_session(self, person: str) -> Headers:
        signed_in = await self.house.port(identity.Port).open_session(
            account_id=self.accounts[person].id, device="test", address="203.0.113.7", method="registration"
        )
        return {"authorization": f"Bearer {signed_in.token}"}

    async def send(
        self, method: str, path: str, headers: Headers, key: str = "", **content: Any
    ) -> httpx.Response:
        once = {"idempotency-key": key or ids.new_id("test")} if method != "GET" else {}
        return await self.house.rest.request(method, path, headers=headers | once, **content)

    async def _open(self, person: str) -> None:
        identities = self.house.port(identity.Port)
        values: dict[str, Any] = {
            "place": "",
            "email": f"{person}@example.com",
            "name": person.title(),
            "locale": "en",
            "currency": "CNY",
        }
        with named(OPERATOR if person == "li" else ids.new_id("acc")):
            account = await identities.register(**values)
        self.accounts[person] = account
        self.sessions[person] = await self.fresh_session(person)

    async def _grant(self, person: str, role: str) -> None:
        await self.house.port(identity.Port).grant_role(
            account_id=self.accounts[person].id, role=role, reason="test"
        )

    async def _pieces(self) -> None:
        brand = await self.house.port(brands.Port).put_brand(
            brand=brands.BrandDraft(slug="ondevar", name="Ondevar", country="FR", story={"en": "A house."})
        )
        await self.house.port(catalog.Port).put_category(
            category=catalog.CategoryDraft(slug="bags", name={"en": "Bags"})
        )
        piece = catalog.ProductDraft(
            slug="half-moon-bag",
            brand_id=brand.id,
            title={"en": "Half-moon bag"},
            category="bags",
            tags=["evening"],
            options=[catalog.OptionDraft(name={"en": "Colour"}, values=["Black"])],
            variants=[catalog.VariantDraft(sku="HM-1", options=["Black"])],
        )
        with named(examples.PRODUCT, examples.VARIANT):
            await self.house.port(catalog.Port).put_product(product=piece)
        gone = msgspec.structs.replace(
            piece,
            slug="night-clutch",
            title={"en": "Night clutch"},
            variants=[catalog.VariantDraft(sku="NC-1", options=["Black"])],
        )
        with named(examples.SOLD_OUT):
            await self.house.port(catalog.Port).put_product(product=gone)
        prices = [pricing.PriceDraft(variant_id=examples.VARIANT, price=price) for price in PRICES]
        await self.house.port(pricing.Port).put_prices(prices=prices)
        await self._units()

    async def _units(self) -> None:
        port = self.house.port(inventory.Port)
        variant: dict[str, Any] = {"variant_id": examples.VARIANT, "reason": "delivery"}
        await port.put_location(
            location=inventory.Location(code="shanghai", name="Bund", kind="boutique", country="CN")
        )
        await port.receive(**variant, quantity=50, key="first")
        await port.expect(**variant, quantity=2, key="first", location="shanghai", lead_days=90)
        for transfer_id in (examples.TRANSFER, examples.TRANSFER_BACK):
            with named(transfer_id):
                await port.transfer(
                    **variant, key=transfer_id, quantity=1, origin="main", destination="shanghai"
                )

    async def _belonging(self) -> None:
        port = self.house.port(membership.Port)
        form = msgspec.convert(examples.EXAMPLES["apply"].body, membership.ApplicationForm)
        for person in ("weiran", "noor"):
            made = await port.apply(account_id=self.accounts[person].id, form=form)
            await port.decide(application_id=made.id, approve=True, reason="", by="test")
        plan = await port.plan(currency="CNY")
        await port.activate(run="run_fee", account_id=self.accounts["weiran"].id, fee=plan.fee)
        await self._grant("weiran", "member")
        with named(examples.APPLICATION):
            await port.apply(account_id=self.accounts["jun"].id, form=form)
        with named(examples.INVITATION):
            await port.invite(inviter_id=OPERATOR, inviter_name="Sun Li", uses=2, days=9)

    async def _credentials(self) -> None:
        port = self.house.port(identity.Port)
        weiran = self.accounts["weiran"].id
        with named(examples.SESSION):
            await port.open_session(
                account_id=weiran, device="phone", address="203.0.113.7", method="registration"
            )
        with named(examples.KEY):
            await port.make_api_key(account_id=weiran, name="old", scopes=[])
        rest: list[str] = [scope for scope in identity.SCOPES if not scope.startswith("rpc:")]
        everything: list[str] = [*identity.SCOPES]
        for person, scopes in (("weiran", rest), ("li", everything)):
            made = await port.make_api_key(account_id=self.accounts[person].id, name="all", scopes=scopes)
            self.keys[person] = {"authorization": f"Bearer {made.secret}"}
        database = self.house.database("identity")
        rows = [self._passkey(examples.PASSKEY), self._passkey("pky_other")]
        async with database.transaction() as tx:
            await tx.execute(database.metadata.tables["identity.passkeys"].insert().values(rows))

    def _passkey(self, passkey_id: str) -> dict[str, Any]:
        return {
            "id": passkey_id,
            "account_id": self.accounts["weiran"].id,
            "credential_id": passkey_id.encode(),
            "public_key": b"",
            "sign_count": 0,
            "backed_up": False,
            "label": "Phone",
            "added_at": clock.now(),
        }

    async def _promotions(self) -> None:
        with named(examples.VOUCHER):
            await self.house.port(promotions.Port).make_voucher(
                key="first",
                name="Winter",
                rules=promotions.VoucherRules(percent=5),
                codes=2,
                operator_id=self.accounts["li"].id,
            )
        with named(examples.GIFT_CARD):
            await self.house.port(promotions.Port).issue_gift_card(
                key="first",
                amount=Money(50_000, "CNY"),
                reason="A birthday",
                operator_id=self.accounts["li"].id,
            )
        with named(examples.TIER_GIFT):
            await self.house.port(promotions.Port).make_tier_gift(
                key="first",
                tier="gold",
                name="Welcome to gold",
                amounts=[Money(50_000, "CNY")],
                operator_id=self.accounts["li"].id,
            )

    async def _shipments(self) -> None:
        """Of an order of five pieces four are packed, each in a shipment for an example; one has been handed over."""
        stock, port = self.house.port(inventory.Port), self.house.port(fulfilment.Port)
        sold, variant = self.house.port(orders.Port), "var_sent"
        serials = [f"SN-000{number}" for number in range(1, 6)]
        await stock.receive(variant_id=variant, quantity=5, reason="new", key="sent", serials=serials)
        await stock.hold(
            run="run_sent", lines=[inventory.HoldLine(variant_id=variant, quantity=5)], seconds=600
        )
        with named(examples.SENT):
            bought = line(variant, quantity=5)
            await sold.place(run="run_sent", draft=draft(bought, account_id=self.accounts["weiran"].id))
        await stock.commit(run="run_sent", order_id=examples.SENT)
        await sold.mark_paid(run="run_sent", intent_id="pay_s", points_earned=0, serials={variant: serials})
        shipments = (examples.SHIPMENT, examples.TO_HAND_OVER, examples.TO_CALL_OFF, examples.TO_MOVE)
        for shipment_id, serial in zip(shipments, serials, strict=False):
            with named(shipment_id):
                await port.ship(
                    key=serial,
                    order_id=examples.SENT,
                    units=[fulfilment.PackedUnit(variant_id=variant, serial=serial)],
                    method="collect",
                    operator_id=self.accounts["li"].id,
                )
        await port.hand_over(shipment_id=examples.TO_MOVE)
        database = self.house.database("fulfilment")
        label = {"shipment_id": examples.SHIPMENT, "account_id": "", "pdf": b"%PDF-1.7", "at": clock.now()}
        async with database.transaction() as tx:
            await tx.execute(database.metadata.tables["fulfilment.labels"].insert().values(label))

    async def _points(self) -> None:
        with named(examples.ADJUSTMENT):
            await self.house.port(loyalty.Port).adjust(
                key="first",
                account_id=examples.MEMBER,
                points=80_000,
                reason="A watch came back",
                operator_id=self.accounts["jun"].id,
            )

    async def _difference(self) -> None:
        database = self.house.database("payments")
        row = {
            "id": openapi_payments.PAYMENT_CASE,
            "day": clock.now().date(),
            "kind": "missing_here",
            "reference": "re_1",
            "intent_id": "",
            "currency": "CNY",
            "theirs": 1_280_000,
            "opened_at": clock.now(),
        }
        async with database.transaction() as tx:
            await tx.execute(database.metadata.tables["payments.cases"].insert().values(row))

    async def _transfers(self) -> None:
        """A payment that waits for a transfer, the transfer, one that came too late, a refund that waits to be sent, and a
        statement of the bank."""
        database, now = self.house.database("payments"), clock.now()
        tables, held = database.metadata.tables, {"currency": "EUR", "amount": 1_280_000}
        payment = held | {
            "account_id": examples.MEMBER, "purpose": "checkout", "provider": "bank_transfer", "description": "A watch",
            "return_path": "/back", "locale": "en", "created_at": now,
        }  # fmt: skip
        waiting = payment | {
            "id": openapi_payments.BANK_PAYMENT,
            "run": "run_bank_1",
            "state": "requires_method",
        }
        taken = {"state": "captured", "captured": 1_280_000, "refunded": 0}
        refund = held | {
            "id": openapi_payments.BANK_REFUND, "kind": "refund", "intent_id": "pay_bank_2", "run": "run_bank_2", "key": "rma_1",
            "reason": "", "state": "pending", "ask_at": now, "created_at": now,
        }  # fmt: skip
        transfer = held | {
            "id": openapi_payments.BANK_TRANSFER, "entry": "2026112200001", "text": "", "received_on": now.date(),
            "entered_by": "", "entered_at": now,
        }  # fmt: skip
        async with database.transaction() as tx:
            await tx.execute(
                tables["payments.intents"].insert().values(waiting | {"captured": 0, "refunded": 0})
            )
            await tx.execute(
                tables["payments.intents"]
                .insert()
                .values(payment | taken | {"id": "pay_bank_2", "run": "run_bank_2"})
            )
            await tx.execute(tables["payments.movements"].insert().values(refund))
            await tx.execute(tables["payments.transfers"].insert().values(transfer))
            late = {
                "id": openapi_payments.BANK_TRANSFER_MATCHED, "entry": "2026112100001", "state": "matched",
                "intent_id": "pay_bank_3", "matched_by": "", "matched_at": now,
            }  # fmt: skip
            over = {"id": "pay_bank_3", "run": "run_bank_3", "state": "expired", "captured": 0, "refunded": 0}
            await tx.execute(tables["payments.intents"].insert().values(payment | over))
            await tx.execute(tables["payments.transfers"].insert().values(transfer | late))
            statement = {
                "id": openapi_payments.BANK_STATEMENT, "digest": "", "name": "2026-11-21.csv", "format": "csv",
                "credits": 0, "passed_over": 1, "read_by": "", "read_at": now,
            }  # fmt: skip
            await tx.execute(tables["payments.bank_statements"].insert().values(statement))

    async def _webhooks(self) -> None:
        with named(examples.ENDPOINT):
            await self.house.port(notifications.Port).put_endpoint(
                account_id=self.accounts["weiran"].id, url="https://hooks.invalid/a", events=["order.placed"]
            )

    async def _buying(self) -> None:
        port = self.house.port(orders.Port)
        weiran = self.accounts["weiran"].id
        await self.house.settle()
        with named(examples.ORDER):
            await port.place(run="run_1", draft=draft(account_id=weiran))
        with named(examples.DELIVERY):
            await self.house.settle()
        await self._sold(weiran)
        await self._returned(weiran)
        await self._exchanged(weiran)
        address = msgspec.convert(examples.EXAMPLES["saveAddress"].body, orders.Address)
        with named(examples.ADDRESS):
            await port.save_address(account_id=weiran, address=msgspec.structs.replace(address, line1="Two"))
        for person, path, run in (
            ("weiran", "/v1/checkouts", examples.CHECKOUT),
            ("noor", "/v1/join", examples.JOIN),
        ):
            operation = "startCheckout" if run == examples.CHECKOUT else "startJoin"
            with named(run):
                answer = await self.send(
                    "POST", path, self.sessions[person], json=examples.EXAMPLES[operation].body
                )
            assert answer.status_code in (201, 202), answer.text

    async def _returned(self, account_id: str) -> None:
        """A delivered order of five pieces: one may still be asked for, each other is in a return of its own."""
        port = self.house.port(orders.Port)
        serials = [f"HM-000{number}" for number in range(1, 6)]
        with named(examples.TO_RETURN):
            bought = line(examples.VARIANT, quantity=5)
            await port.place(run="run_returned", draft=draft(bought, account_id=account_id))
        await port.mark_paid(
            run="run_returned", intent_id="pay_r", points_earned=0, serials={examples.VARIANT: serials}
        )
        await port.ship(order_id=examples.TO_RETURN)
        await port.deliver(order_id=examples.TO_RETURN)
        for serial, return_id in zip(
            serials,
            (examples.RETURN, examples.TO_WITHDRAW, examples.TO_DECIDE, examples.TO_INSPECT),
            strict=False,
        ):
            body = dict(examples.EXAMPLES["startReturn"].body or {})
            body["units"] = [{"variant_id": examples.VARIANT, "serial": serial}]
            run = examples.RETURN_RUN if return_id == examples.RETURN else ids.new_id("run")
            with named(run, return_id):
                answer = await self.send("POST", "/v1/return-requests", self.sessions["weiran"], json=body)
                assert answer.status_code == 202, answer.text
                path = f"/v1/return-requests/{run}?wait=5"
                assert (await self.send("GET", path, self.sessions["weiran"])).json()[
                    "return_id"
                ] == return_id
        await port.decide_return(return_id=examples.TO_INSPECT, approve=True, reason="")

    async def _exchanged(self, account_id: str) -> None:
        """A delivered order of two pieces: one is in an exchange, the other may be asked for."""
        port, serials = self.house.port(orders.Port), ["HM-0011", "HM-0012"]
        with named(examples.TO_EXCHANGE):
            bought = line(examples.VARIANT, quantity=2)
            await port.place(run="run_exchanged", draft=draft(bought, account_id=account_id))
        await port.mark_paid(
            run="run_exchanged", intent_id="pay_x", points_earned=0, serials={examples.VARIANT: serials}
        )
        await port.ship(order_id=examples.TO_EXCHANGE)
        await port.deliver(order_id=examples.TO_EXCHANGE)
        body = dict(examples.EXAMPLES["startExchange"].body or {})
        body["unit"] = {"variant_id": examples.VARIANT, "serial": serials[0]}
        with named(examples.EXCHANGE_RUN):
            answer = await self.send("POST", "/v1/exchange-requests", self.sessions["weiran"], json=body)
        assert answer.status_code == 202, answer.text

    async def _sold(self, account_id: str) -> None:
        """Paid orders, one for each example of what may happen to it; their payments are not known at the provider."""
        port = self.house.port(orders.Port)
        sold = (
            examples.TO_SHIP,
            examples.TO_DELIVER,
            examples.TO_CANCEL,
            examples.TO_REFUND,
            ids.new_id("ord"),
        )
        for number, order_id in enumerate(sold):
            run = f"run_sold_{number}"
            with named(order_id):
                await port.place(run=run, draft=draft(account_id=account_id))
            await port.mark_paid(run=run, intent_id=f"pay_{number}", points_earned=0, serials={})
        await port.ship(order_id=examples.TO_DELIVER)
        with named(examples.BILL):
            await port.issue_bills(order_id=examples.TO_DELIVER)
        await self._edited(account_id)
        cancelled, refunded = (
            dict(examples.EXAMPLES["startCancellation"].body or {}),
            dict(examples.EXAMPLES["startRefund"].body or {}),
        )
        cancelled["order_id"] = refunded["order_id"] = sold[-1]
        for person, path, run, body in (
            ("li", "/v1/refunds", examples.REFUND, refunded),
            ("weiran", "/v1/cancellations", examples.CANCELLATION, cancelled),
        ):
            with named(run):
                answer = await self.send("POST", path, self.sessions[person], json=body)
            assert answer.status_code == 202, answer.text

    async def _edited(self, account_id: str) -> None:
        """An order of two pieces for the example, and one of which one was taken out."""
        port = self.house.port(orders.Port)
        edited = ids.new_id("ord")
        for number, order_id in enumerate((examples.TO_EDIT, edited)):
            with named(order_id):
                await port.place(
                    run=f"run_edited_{number}", draft=draft(line(quantity=2), account_id=account_id)
                )
            await port.mark_paid(
                run=f"run_edited_{number}", intent_id=f"pay_e{number}", points_earned=0, serials={}
            )
        body = dict(examples.EXAMPLES["startOrderEdit"].body or {}) | {"order_id": edited}
        with named(examples.EDIT_RUN):
            answer = await self.send("POST", "/v1/order-edits", self.sessions["weiran"], json=body)
        assert answer.status_code == 202, answer.text


@asynccontextmanager
async def rest_house(data: Path, **settings: Any) -> AsyncIterator[RestHouse]:
    """Every service and saga in one process, with the real payment simulator outside."""
    units = [unit for unit in unit_names() if unit != "web"]
    psp = start_psp(data)
    values: dict[str, Any] = {
        "psp_url": f"{psp.url}/psp",
        "psp_key": KEY,
        "psp_webhook_secret": SECRET,
        "rest_per_minute": UNLIMITED,
        "rest_per_minute_nobody": UNLIMITED,
        "pool_size": 4,
    }
    try:
        async with running(*units, **(values | settings)) as house:
            opened = RestHouse(house)
            await opened.fill()
            yield opened
    finally:
        psp.kill()
