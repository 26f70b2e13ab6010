"""The services that notifications asks, as these tests need them: a few people, an invitation, an order."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from luxe.kernel.auth import Principal
from luxe.kernel.errors import NotFound
from luxe.kernel.facts import Envelope, Fact, fact_type
from luxe.kernel.ids import new_id
from luxe.kernel.money import Money
from luxe.services.catalog.contract import Port as CatalogPort
from luxe.services.catalog.contract import VariantLine
from luxe.services.identity.contract import Account
from luxe.services.identity.contract import Port as IdentityPort
from luxe.services.membership.contract import Invitation
from luxe.services.membership.contract import Port as MembershipPort
from luxe.services.orders.contract import (
    Address,
    EditedPiece,
    Exchange,
    LineEdit,
    Order,
    OrderDraft,
    OrderLine,
    Refund,
    Return,
    ReturnUnit,
    UnitRef,
)
from luxe.services.orders.contract import Port as OrdersPort
from luxe.services.promotions.contract import GivenGift
from luxe.services.promotions.contract import Port as PromotionsPort
from tests.harness import Running

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

_tokens = itertools.count(1)


def person(account_id: str, locale: str = "en", name: str = "David Lin", **changes: Any) -> Account:
    values: dict[str, Any] = {
        "id": account_id,
        "email": f"{account_id.removeprefix('acc_')}@guests.example",
        "name": name,
        "locale": locale,
        "currency": "CNY",
        "zone": "Asia/Shanghai",
        "roles": ["member"],
        "email_verified": True,
        "has_password": True,
        "passkeys": 1,
        "created_at": NOON,
    }
    return Account(**(values | changes))


class Identity:
    """Knows the people that a test names, and who is behind a token."""

    def __init__(self) -> None:
        self.people: dict[str, Account] = {}
        self.principals: dict[str, Principal] = {}

    def add(self, account: Account) -> Account:
        self.people[account.id] = account
        return account

    def sign_in(self, account: Account, *scopes: str) -> dict[str, str]:
        token = f"token-{next(_tokens)}"
        self.principals[token] = Principal(
            subject=account.id,
            kind="api_key" if scopes else "session",
            credential=token,
            roles=frozenset(account.roles),
            scopes=frozenset(scopes),
        )
        return {"authorization": f"Bearer {token}"}

    async def authenticate(self, *, token: str) -> Principal:
        return self.principals.get(token, Principal())

    async def account(self, *, account_id: str) -> Account:
        if account_id not in self.people:
            raise NotFound("no such account", code="account_unknown")
        return self.people[account_id]

    async def accounts(self, *, account_ids: list[str]) -> list[Account]:
        return [self.people[account_id] for account_id in account_ids if account_id in self.people]

    async def ticket_link(self, *, ticket: str) -> str:
        return f"http://localhost:8400/verify-email?token=secret-of-{ticket}"


class Membership:
    inviter_name = "Mei Chen"
    note = "You told me of the ring.\nCome and look."

    async def invitation_link(self, *, invitation_id: str) -> str:
        return f"http://localhost:8400/?invitation=code-of-{invitation_id}"

    async def look_at_invitation(self, *, code: str) -> Invitation:
        return Invitation(
            id=code.removeprefix("code-of-"),
            inviter_id="acc_mei",
            inviter_name=self.inviter_name,
            note=self.note,
            email="guest@guests.example",
            uses=1,
            uses_left=1,
            expires_at=NOON,
            revoked_at=None,
            created_at=NOON,
        )


class Orders:
    async def order(self, *, order_id: str, account_id: str = "") -> Order:
        line = OrderLine(
            variant_id="var_1",
            product_id="prd_1",
            sku="RING-52",
            brand="Maison Orée",
            title="Halo <ring>",
            label="52",
            picture_url="",
            quantity=2,
            unit=Money(1_250_000, "CNY"),
            total=Money(2_500_000, "CNY"),
        )
        address = Address(name="David Lin", line1="1 Bund", city="Shanghai", country="CN", phone="+86 21 1")
        draft = OrderDraft(
            account_id=account_id,
            lines=[line],
            goods=Money(2_500_000, "CNY"),
            delivery=Money(0, "CNY"),
            points=100,
            points_worth=Money(10_050, "CNY"),
            payable=Money(2_489_950, "CNY"),
            address=address,
            deliver_on=date(2026, 12, 1),
        )
        return Order(
            id=order_id,
            number="LX-7K2M9Q4T",
            state="paid",
            draft=draft,
            run="run_1",
            points_earned=24_899,
            placed_at=NOON,
            paid_at=NOON,
            timeline=[],
        )

    async def return_of(self, *, return_id: str, account_id: str = "") -> Return:
        return Return(
            id=return_id,
            number="RT-7K2M9Q4T",
            order_id="ord_1",
            account_id=account_id,
            run="run_3",
            state="approved",
            reason="Too small",
            decision="It was engraved.",
            units=[ReturnUnit(variant_id="var_1", serial="H-1", accepted=None, condition="")],
            requested_at=NOON,
            changed_at=NOON,
        )

    async def refunds(self, *, order_id: str) -> list[Refund]:
        """What went back when it was cancelled, parts that went back for goodwill, and for a piece that was taken out."""
        whole = Refund(
            id="rfd_1",
            order_id=order_id,
            run="run_2",
            payment_run="run_1",
            kind="cancellation",
            state="done",
            amount=Money(2_489_950, "CNY"),
            goods=Money(2_489_950, "CNY"),
            reason="The piece is damaged.",
            points_back=100,
            points_taken=24_899,
            at=NOON,
            done_at=NOON,
        )
        part = msgspec.structs.replace(
            whole, id="rfd_2", kind="goodwill", amount=Money(10_000, "CNY"), points_back=0, points_taken=100
        )
        edit = msgspec.structs.replace(part, id="rfd_3", run="run_4", kind="edit", points_back=50)
        return [whole, part, edit]

    async def exchanges(self, *, order_id: str = "", return_ids: list[str] | None = None) -> list[Exchange]:
        return []

    async def line_edits(self, *, order_id: str) -> list[LineEdit]:
        """One of two rings was taken out."""
        draft = (await self.order(order_id=order_id)).draft
        piece = EditedPiece(
            variant_id="var_1", sku="RING-52", brand="Maison Orée", title="Halo <ring>", label="52", before=2, after=1
        )  # fmt: skip
        return [
            LineEdit(
                id="led_1",
                order_id=order_id,
                run="run_4",
                at=NOON,
                actor="acc_li",
                reason="The piece is damaged.",
                state="done",
                pieces=[piece],
                units=[UnitRef(variant_id="var_1", serial="H-1")],
                amount=Money(10_000, "CNY"),
                before=draft,
                after=draft,
            )
        ]


class Catalogue:
    """One ring."""

    async def lines(self, *, variant_ids: list[str], locale: str) -> list[VariantLine]:
        return [
            VariantLine(
                variant_id="var_halo",
                product_id="prd_halo",
                slug="halo",
                sku="HA-1",
                brand_id="brd_oree",
                brand="Maison Orée",
                title="Halo <ring>",
                label="52",
                picture=None,
                on_sale=True,
            )
            for each in variant_ids
            if each == "var_halo"
        ]


class Promotions:
    """One gift card."""

    async def gift_given(self, *, card_id: str) -> GivenGift:
        return GivenGift(
            card_id=card_id,
            name="Welcome to gold",
            tier="gold",
            code="7K2M-9QXT-04RV",
            issued=Money(50_000, "CNY"),
            available=Money(50_000, "CNY"),
            at=NOON,
        )


class Neighbours:
    """All of them, as `stubs` of a running house."""

    def __init__(self) -> None:
        self.identity = Identity()
        self.membership = Membership()
        self.orders = Orders()
        self.catalog = Catalogue()
        self.promotions = Promotions()

    @property
    def stubs(self) -> dict[type, Any]:
        return {
            IdentityPort: self.identity,
            MembershipPort: self.membership,
            OrdersPort: self.orders,
            CatalogPort: self.catalog,
            PromotionsPort: self.promotions,
        }


async def hear(house: Running, *facts: Fact, times: int = 1) -> None:
    """The bus brings facts, each as often as said."""
    for fact in facts:
        envelope = Envelope(
            id=new_id("fact"),
            type=fact_type(type(fact)),
            object_id=fact.object_id,
            at=NOON,
            actor="system",
            request_id="req_1",
            data=fact,
        )
        for _ in range(times):
            for listener in house.composition.listeners:
                await listener.handle(envelope)
