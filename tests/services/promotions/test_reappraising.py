"""What is left of a purchase is reckoned as if no more had been bought, by the rules of then."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from luxe.kernel.money import Money
from luxe.services.promotions.contract import LeftLine, Line, Port, VoucherRules
from luxe.services.promotions.domain.reappraising import reappraised
from luxe.services.promotions.domain.vouchers import Offer, Purchase, evaluate
from tests.harness import running
from tests.services.promotions.test_vouchers_port import LI, MEI

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
BRANDS, CATEGORIES = ("orsay", "ondevar"), ("bags", "rings")


def cny(minor: int) -> Money:
    return Money(minor, "CNY")


@st.composite
def lines(pick: st.DrawFn) -> list[Line]:
    totals = pick(st.lists(st.integers(0, 900_000), min_size=1, max_size=5))
    return [
        Line(
            variant_id=f"var_{at}",
            brand=pick(st.sampled_from(BRANDS)),
            category=pick(st.sampled_from(CATEGORIES)),
            total=cny(total),
        )
        for at, total in enumerate(totals)
    ]


@st.composite
def rules(pick: st.DrawFn) -> VoucherRules:
    scope: dict[str, Any] = {
        "brands": pick(st.sampled_from([[], ["orsay"]])),
        "categories": pick(st.sampled_from([[], ["bags"]])),
        "minimums": pick(st.sampled_from([[], [cny(300_000)]])),
        "stackable": True,
    }
    if pick(st.booleans()):
        most = pick(st.sampled_from([[], [cny(20_000)]]))
        return VoucherRules(percent=pick(st.integers(1, 100)), most=most, **scope)
    return VoucherRules(amounts=[cny(pick(st.integers(1, 200_000)))], **scope)


def offer(at: int, wanted: VoucherRules) -> Offer:
    return Offer(
        code=f"C{at}", number=0, voucher_id=f"vou_{at}", name=f"V{at}", rules=wanted, revoked=False,
        by_member=0, by_code=0, in_all=0,
    )  # fmt: skip


@given(lines(), st.lists(rules(), max_size=3), st.data())
def test_it_is_what_the_same_codes_would_take_off(
    bought: list[Line], wanted: list[VoucherRules], data: st.DataObject
) -> None:
    offers = [offer(at, each) for at, each in enumerate(wanted)]

    def appraised(these: list[Line], of: list[Offer]) -> Any:
        purchase = Purchase(tier="", country="", currency="CNY", lines=these)
        return evaluate(purchase, [each.code for each in of], of, NOON)

    held = appraised(bought, offers)
    used = [each for each in offers if each.voucher_id in {one.voucher_id for one in held.discounts}]
    left = [each for each in bought if data.draw(st.booleans())]
    known = {each.voucher_id: each.rules for each in used}
    of_left = [LeftLine(variant_id=each.variant_id, total=each.total) for each in left]
    found = reappraised(held, bought, known, of_left, "CNY")
    again = appraised(left, used)
    assert (found.total, found.lines) == (again.total, again.lines)


async def test_what_was_held_before_scopes_were_kept_counts_by_its_reasons(binding: str) -> None:
    """A minimum is asked for anew; a revoked voucher still counts for whoever has used it."""
    async with running("promotions", binding=binding) as house:
        port = house.port(Port)
        made = await port.make_voucher(
            key="k1", name="Bags", codes=1, operator_id=LI,
            rules=VoucherRules(percent=10, categories=["bags"], minimums=[cny(200_000)]),
        )  # fmt: skip
        codes = await port.codes_of(voucher_id=made.id)
        bought = [
            Line(variant_id=name, brand="orsay", category=category, total=cny(150_000))
            for name, category in (("bag", "bags"), ("tote", "bags"), ("ring", "rings"))
        ]
        for run in ("run_1", "run_2"):
            await port.hold(
                run=run, account_id=MEI, tier="gold", country="CN", currency="CNY", lines=bought, codes=codes
            )
            await port.settle(run=run)
        await port.revoke_voucher(voucher_id=made.id, operator_id=LI)
        async with house.database("promotions").transaction() as tx:
            await tx.exec_driver_sql(
                "UPDATE promotions.runs SET evaluation = evaluation - 'pieces' WHERE run = 'run_2'"
            )

        async def off(run: str, *left: str) -> tuple[int, list[int]]:
            kept = [LeftLine(variant_id=name, total=cny(150_000)) for name in left]
            found = await port.reappraise(run=run, lines=kept)
            return found.total.minor, [each.amount.minor for each in found.discounts]

        for run in ("run_1", "run_2"):
            assert await off(run, "bag", "tote") == (30_000, [30_000])
            assert await off(run, "bag", "ring") == (0, [])
            assert await off(run, "ring") == (0, [])
        assert await off("run_unknown", "bag") == (0, [])
