"""What a checkout asks on its way in memory: prices, pieces, membership, the bag, gift cards, delivery."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from luxe.kernel import clock
from luxe.kernel.errors import Conflict
from luxe.kernel.money import Money
from luxe.services.catalog.contract import VariantLine
from luxe.services.fulfilment.contract import Charges, DeliveryMethod
from luxe.services.membership.contract import Membership
from luxe.services.pricing.contract import Quote, QuotedLine, QuoteLine
from luxe.services.promotions.contract import Appraisal, Evaluation, ExplainedLine, Gift, Line

CURRENCY = "CNY"
DELIVERY = 5_000


def cny(minor: int) -> Money:
    return Money(minor, CURRENCY)


class Pricing:
    def __init__(self, prices: dict[str, int]) -> None:
        self.prices = prices

    def quote(self, *, lines: list[QuoteLine], currency: str) -> Quote:
        quoted = [
            QuotedLine(
                variant_id=line.variant_id,
                quantity=line.quantity,
                unit=cny(self.prices[line.variant_id]),
                total=cny(self.prices[line.variant_id] * line.quantity),
                compare_at=None,
                why=[],
            )
            for line in lines
        ]
        goods = sum((line.total for line in quoted), cny(0))
        return Quote(
            currency=currency,
            lines=quoted,
            unpriced=[],
            goods=goods,
            delivery=cny(DELIVERY),
            total=goods + cny(DELIVERY),
            steps=[],
        )


class Catalog:
    def lines(self, *, variant_ids: list[str], locale: str, **_: Any) -> list[VariantLine]:
        return [
            VariantLine(
                variant_id=each,
                product_id=f"prd_{each}",
                slug=each,
                sku=each,
                brand_id="brd_1",
                brand="Orsay",
                title=each,
                label="",
                picture=None,
                on_sale=True,
            )
            for each in variant_ids
        ]


class Memberships:
    def membership_of(self, *, account_id: str) -> Membership:
        return Membership(
            account_id=account_id,
            number="1",
            tier="gold",
            state="active",
            since=clock.now(),
            until=clock.now() + timedelta(days=365),
            qualifying=cny(0),
            pending=cny(0),
            next_tier="",
            to_next=None,
            points_multiplier_percent=150,
            benefits=[],
        )


class Bag:
    def __init__(self) -> None:
        self.lines: dict[str, set[str]] = {}

    def take_out(self, *, account_id: str, variant_ids: list[str]) -> None:
        self.lines.setdefault(account_id, set()).difference_update(variant_ids)


class Fulfilment:
    def __init__(self) -> None:
        self.slots: dict[str, str] = {}

    def quote(
        self,
        *,
        destination: Any,
        currency: str,
        tier: str,
        lines: list[Any],
        method: str = "",
        bought_this_year: Money | None = None,
    ) -> Charges:
        day = clock.now().date()
        standard = DeliveryMethod(
            id="standard", price=cny(DELIVERY), earliest=day, latest=day, needs_slot=False
        )
        return Charges(
            methods=[standard],
            method="standard",
            delivery=cny(DELIVERY),
            taxes=[],
            tax_included=cny(0),
            tax_added=cny(0),
        )

    def reserve(self, *, run: str, slot_id: str) -> None:
        self.slots[run] = slot_id

    def release(self, *, run: str) -> None:
        self.slots.pop(run, None)

    def confirm(self, *, run: str, order_id: str) -> None:
        pass


class Promotions:
    """Gift cards: a ledger of what is on each and what runs hold of it. No vouchers."""

    def __init__(self) -> None:
        self.cards: dict[str, int] = {}
        self.entries: list[tuple[str, int]] = []
        self.held: dict[str, dict[str, int]] = {}
        self.spent: dict[str, dict[str, int]] = {}
        self.released: set[str] = set()
        self.given: dict[tuple[str, str], int] = {}
        self.answers: dict[str, Evaluation] = {}

    def issue(self, code: str, minor: int) -> None:
        self._post((f"card:{code}", minor), ("house:issued", -minor))
        self.cards[code] = minor

    def _post(self, *entries: tuple[str, int]) -> None:
        assert sum(amount for _, amount in entries) == 0
        self.entries += entries

    def evaluate(self, *, lines: list[Line], codes: list[str], currency: str, **_: Any) -> Evaluation:
        nothing = Money.zero(currency)
        explained = [
            ExplainedLine(variant_id=line.variant_id, before=line.total, reasons=[], after=line.total)
            for line in lines
        ]
        return Evaluation(lines=explained, discounts=[], rejected=[], total=nothing)

    def appraise(self, *, run: str = "", **asked: Any) -> Appraisal:
        return Appraisal(evaluation=self.answers.get(run) or self.evaluate(**asked))

    def hold(self, *, run: str, gifts: list[Gift] | None = None, **asked: Any) -> Evaluation:
        if run in self.released:
            raise Conflict("this run was given up", code="run_unknown")
        if run not in self.answers:
            wanted = {gift.code: gift.amount.minor for gift in gifts or []}
            for code, minor in wanted.items():
                if self.cards.get(code, 0) < minor:
                    raise Conflict("not so much on it", code="gift_short")
            for code, minor in wanted.items():
                self.cards[code] -= minor
                self._post((f"card:{code}", -minor), (f"held:{code}", minor))
            self.held[run] = wanted
            self.answers[run] = self.evaluate(**asked)
        return self.answers[run]

    def release(self, *, run: str) -> None:
        if run in self.spent:
            return
        self.released.add(run)
        for code, minor in self.held.pop(run, {}).items():
            self.cards[code] += minor
            self._post((f"held:{code}", -minor), (f"card:{code}", minor))

    def settle(self, *, run: str) -> None:
        if run in self.released:
            raise Conflict("this run was given up", code="run_unknown")
        if run in self.spent or run not in self.held:
            return
        self.spent[run] = self.held.pop(run)
        for code, minor in self.spent[run].items():
            self._post((f"held:{code}", -minor), ("house:spent", minor))

    def give_back(self, *, run: str, key: str, amount: Money) -> Money:
        spent = self.spent.get(run, {})
        if (run, key) not in self.given:
            before = sum(minor for (of, _), minor in self.given.items() if of == run)
            if before + amount.minor > sum(spent.values()):
                raise Conflict("more than was spent", code="give_back_too_much")
            self.given[run, key] = amount.minor
            code = next(reversed(spent))
            self.cards[code] += amount.minor
            self._post(("house:spent", -amount.minor), (f"card:{code}", amount.minor))
        elif self.given[run, key] != amount.minor:
            raise Conflict("this key gave another amount", code="give_back_reused")
        return Money(sum(minor for (of, _), minor in self.given.items() if of == run), amount.currency)
