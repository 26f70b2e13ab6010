"""Buying with vouchers and gift cards: what is paid, what is refused, and what is held by whom when a process is lost."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from sqlalchemy import text

from luxe.app.invariants.promotions import INVARIANTS
from luxe.kernel.errors import Refusal
from luxe.kernel.money import Money
from luxe.kernel.saga import Run
from luxe.sagas.checkout.contract import CheckoutInput, QuoteInput
from luxe.services.orders.contract import OrderPaid
from luxe.services.payments.contract import Port as PaymentsPort
from luxe.services.promotions.contract import Gift
from luxe.services.promotions.contract import Port as PromotionsPort
from tests.sagas.checkout.breaks import Moment, refusing
from tests.sagas.checkout.stage import LEASE_OVER, POINTS, STEPS, Basket, OpenStage, Seen, Stage

WRONG = "0000-0000-0000"
Spoil = Callable[[Stage, CheckoutInput], Awaitable[CheckoutInput]]
Dress = Callable[[Stage], Awaitable[Basket]]


def cny(minor: int) -> Money:
    return Money(minor, "CNY")


async def assert_books_agree(stage: Stage) -> None:
    broken = {each.name: await stage.house.rows("promotions", each.broken) for each in INVARIANTS}
    assert {name: rows for name, rows in broken.items() if rows} == {}


async def assert_bought_once(stage: Stage, basket: Basket, run: str) -> None:
    assert await stage.seen() == basket.bought
    view, order = await stage.view(run), await stage.order(run)
    assert order is not None
    assert (view.state, view.order_id, view.problem_code) == ("done", order.id, "")
    assert [entry.what for entry in order.timeline] == ["placed", "paid", "points_earned"]
    assert await stage.journals(run) == [("hold", 0), ("redeem", -POINTS), ("earn", basket.earned)]
    await assert_books_agree(stage)


@pytest.mark.usefixtures("binding")
async def test_vouchers_and_gift_cards_pay_a_part_and_the_order_says_why(stage: Stage) -> None:
    basket = await stage.dressed_basket()
    view = await stage.buy(basket.wanted)
    await assert_bought_once(stage, basket, view.run)
    order = await stage.order(view.run)
    assert order is not None
    draft = order.draft
    by_line = [
        [(each.name, each.percent, each.amount.minor) for each in line.reasons] for line in draft.lines
    ]
    assert by_line == [
        [("Voucher 2", 10, 100_000), ("Voucher 1", None, 15_385)],
        [("Voucher 2", 10, 30_000), ("Voucher 1", None, 4_615)],
    ]
    assert [line.after.minor for line in draft.lines] == [884_615, 265_385]
    assert [(each.name, each.amount.minor) for each in draft.discounts] == [
        ("Voucher 2", 130_000),
        ("Voucher 1", 20_000),
    ]
    endings = [gift.code[-4:] for gift in basket.wanted.gifts]
    assert [(gift.ending, gift.amount.minor) for gift in draft.gifts] == [
        (endings[0], 100_000),
        (endings[1], 50_000),
    ]
    assert (draft.discount, draft.gift_worth, draft.payable) == (cny(150_000), cny(150_000), cny(980_000))
    assert (draft.paid, draft.goods_paid) == (cny(1_130_000), cny(1_130_000))
    told = next(each for each in await stage.house.facts(OrderPaid) if each.order_id == order.id)
    assert (told.qualifying, told.points_earned) == (cny(1_130_000), basket.earned)


async def test_what_a_gift_card_pays_for_whole_is_paid_without_a_payment(stage: Stage) -> None:
    basket = await stage.free_basket()
    view = await stage.start(basket.wanted)
    assert (view.state, view.pay_at) == ("done", "")
    await assert_bought_once(stage, basket, view.run)
    assert await stage.house.port(PaymentsPort).intent_of_run(run=view.run) is None
    assert [step for step, outcome in await stage.log(view.run) if outcome == "done"] == STEPS


async def test_a_quote_says_what_the_checkout_will_demand(stage: Stage) -> None:
    basket = await stage.dressed_basket()
    wanted = basket.wanted
    asked = QuoteInput(
        account_id=stage.mei, lines=wanted.lines, currency="CNY", country="CN", points=10**6,
        codes=[*wanted.codes, *(gift.code for gift in wanted.gifts), WRONG],
    )  # fmt: skip
    told = await stage.port.quote(input=asked)
    assert (told.goods, told.discount, told.total) == (cny(1_300_000), cny(150_000), cny(1_150_000))
    assert [(each.available.minor, each.amount.minor) for each in told.gifts] == [
        (100_000, 100_000), (80_000, 80_000),
    ]  # fmt: skip
    assert (told.points, told.points_worth, told.gift_worth, told.payable) == (
        POINTS,
        cny(20_000),
        cny(180_000),
        cny(950_000),
    )
    assert [(each.code, each.reason) for each in told.rejected] == [(WRONG, "code_invalid")]
    gifts = [Gift(code=each.code, amount=each.amount) for each in told.gifts]
    view = await stage.buy(replace(wanted, expected=told.payable, gifts=gifts))
    assert (view.state, (await stage.seen()).cards) == ("done", [(0, 0), (0, 0)])


async def test_a_run_keeps_no_code_in_clear(stage: Stage) -> None:
    """The same wish under the same key is the same run all the same. One that an earlier version wrote down still reads."""
    basket, others = await stage.dressed_basket(), Gift(code=WRONG, amount=cny(1))
    view = await stage.buy(basket.wanted)
    assert (await stage.port.start(key="key", input=basket.wanted)).run == view.run
    refused = await stage.start(replace(basket.wanted, gifts=[others]), key="refused")
    with pytest.raises(Refusal) as reused:
        await stage.port.start(key="key", input=replace(basket.wanted, gifts=[others]))
    assert (view.state, refused.state, reused.value.code) == ("done", "refused", "key_reused")
    codes = [WRONG, *basket.wanted.codes, *(gift.code for gift in basket.wanted.gifts)]
    for table in ("runs", "run_log", "outbox"):
        found = await stage.house.rows("checkout", f"SELECT t::text AS row FROM checkout.{table} AS t")
        assert [code for row in found for code in codes if code in row.row or code[:8] in row.row] == []
    (row,) = await stage.house.rows(
        "checkout", "SELECT problem FROM checkout.runs WHERE id = :run", run=refused.run
    )
    assert row.problem["rejected"][-1] == {"ending": "0000", "reason": "code_invalid"}


async def test_a_run_of_an_earlier_version_goes_on(stage: Stage) -> None:
    basket = await stage.dressed_basket()
    reached = stage.breaks.lose("hold", 0)
    run = await stage.begin(basket.wanted, reached)
    await stage.kill()
    async with stage.house.database("checkout").transaction() as tx:
        plain = {"run": run, "input": msgspec.json.encode(basket.wanted).decode()}
        await tx.execute(
            text("UPDATE checkout.runs SET input = CAST(:input AS jsonb) WHERE id = :run"), plain
        )
    await stage.later(seconds=LEASE_OVER)
    await stage.carry_through(run)
    await assert_bought_once(stage, basket, run)


async def wrong_code(_: Stage, wanted: CheckoutInput) -> CheckoutInput:
    return replace(wanted, codes=[*wanted.codes, WRONG])


async def wrong_card(_: Stage, wanted: CheckoutInput) -> CheckoutInput:
    return replace(wanted, gifts=[Gift(code=WRONG, amount=cny(150_000))])


async def a_card_as_a_voucher(_: Stage, wanted: CheckoutInput) -> CheckoutInput:
    return replace(
        wanted, codes=[*wanted.codes, wanted.gifts[0].code], gifts=wanted.gifts[1:], expected=cny(1_080_000)
    )


async def a_voucher_as_a_card(_: Stage, wanted: CheckoutInput) -> CheckoutInput:
    last = wanted.codes[-1]
    return replace(wanted, codes=wanted.codes[:1], gifts=[*wanted.gifts, Gift(code=last, amount=cny(1))])


async def for_another_country(stage: Stage, wanted: CheckoutInput) -> CheckoutInput:
    return replace(wanted, codes=[await stage.voucher(percent=10, countries=["FR"])])


async def for_another_tier(stage: Stage, wanted: CheckoutInput) -> CheckoutInput:
    return replace(wanted, codes=[await stage.voucher(percent=10, tiers=["black"])])


async def for_another_house(stage: Stage, wanted: CheckoutInput) -> CheckoutInput:
    return replace(wanted, codes=[await stage.voucher(percent=10, brands=["other"])])


async def saw_no_discount(_: Stage, wanted: CheckoutInput) -> CheckoutInput:
    return replace(wanted, expected=cny(1_130_000))


async def more_than_is_on_it(_: Stage, wanted: CheckoutInput) -> CheckoutInput:
    first, second = wanted.gifts
    return replace(wanted, gifts=[first, replace(second, amount=cny(80_001))], expected=cny(949_999))


async def spent_elsewhere(stage: Stage, wanted: CheckoutInput) -> CheckoutInput:
    promotions = stage.house.port(PromotionsPort)
    gifts = [Gift(code=wanted.gifts[0].code, amount=cny(1))]
    run = f"run_other_{stage.mei}"
    await promotions.hold(
        run=run, account_id=stage.yan, tier="", country="", currency="CNY", lines=[], codes=[], gifts=gifts
    )
    await promotions.settle(run=run)
    return wanted


@pytest.mark.parametrize(
    ("spoil", "code", "reason"),
    [
        (wrong_code, "code_rejected", "code_invalid"),
        (wrong_card, "code_rejected", "code_invalid"),
        (a_card_as_a_voucher, "code_rejected", "code_invalid"),
        (a_voucher_as_a_card, "code_rejected", "code_invalid"),
        (for_another_country, "code_rejected", "not_for_country"),
        (for_another_tier, "code_rejected", "not_for_tier"),
        (for_another_house, "code_rejected", "not_in_scope"),
        (saw_no_discount, "price_changed", ""),
        (more_than_is_on_it, "gift_short", ""),
        (spent_elsewhere, "gift_short", ""),
    ],
)
async def test_what_does_not_fit_is_refused_and_nothing_has_changed(
    stage: Stage, spoil: Spoil, code: str, reason: str
) -> None:
    wanted = await spoil(stage, (await stage.dressed_basket()).wanted)
    before = await stage.seen()
    view = await stage.start(wanted)
    assert (view.state, view.problem_code, view.order_id) == ("refused", code, "")
    assert await stage.seen() == before
    (row,) = await stage.house.rows(
        "checkout", "SELECT problem FROM checkout.runs WHERE id = :run", run=view.run
    )
    assert [each["reason"] for each in row.problem.get("rejected", [])] == ([reason] if reason else [])
    await assert_books_agree(stage)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"codes": ["x"] * 11}, "codes"),
        ({"codes": [""]}, "codes"),
        ({"gifts": [Gift(code=WRONG, amount=cny(0))]}, "gifts"),
        ({"gifts": [Gift(code=WRONG, amount=Money(1, "EUR"))]}, "gifts"),
        ({"expected": cny(-1)}, "expected"),
    ],
)
async def test_what_cannot_be_meant_starts_no_run(stage: Stage, change: dict[str, Any], field: str) -> None:
    wanted = replace(stage.wanting((await stage.piece(), 1), expected=1_000_000), **change)
    with pytest.raises(Refusal) as refused:
        await stage.port.start(key="key", input=wanted)
    assert (refused.value.code, refused.value.extra["errors"][0]["field"]) == ("checkout_invalid", field)


async def test_who_guesses_gift_cards_by_checkouts_is_slowed_down(stage: Stage) -> None:
    """After ten wrong ones not even a right one is looked at."""
    ring, right = await stage.piece(), await stage.gift_card(1_000)
    codes = [f"{number:04d}-0000-0000" for number in range(10)]
    gifts = [[Gift(code=code, amount=cny(1)) for code in codes], [Gift(code=right, amount=cny(1_000))]]
    said = []
    for number, given in enumerate(gifts):
        due = 1_000_000 - sum(gift.amount.minor for gift in given)
        wanted = stage.wanting((ring, 1), expected=due, gifts=given)
        said.append((await stage.start(wanted, key=f"key {number}")).problem_code)
    assert said == ["code_rejected", "too_many_attempts"]
    assert (await stage.seen()).cards == [(1_000, 0)]


async def test_a_voucher_for_once_is_free_again_when_its_checkout_is_given_up(stage: Stage) -> None:
    basket = await stage.dressed_basket()
    first = await stage.start(basket.wanted, key="first")
    assert (await stage.seen()).cards == [(0, 100_000), (30_000, 50_000)]
    second = await stage.start(basket.wanted, key="second")
    assert second.problem_code == "code_rejected"
    await stage.give_up(first.run)
    third = await stage.buy(basket.wanted, key="third")
    assert third.state == "done"
    assert (await stage.seen()).cards == basket.bought.cards


async def test_two_checkouts_at_once_cannot_both_spend_one_card(stage: Stage) -> None:
    scarf, code = await stage.piece(units=2), await stage.gift_card(1_000_000)
    gift = Gift(code=code, amount=cny(1_000_000))
    runs = await asyncio.gather(
        *(
            stage.port.start(
                key=f"{who}", input=stage.wanting((scarf, 1), expected=0, gifts=[gift], account=who)
            )
            for who in (stage.mei, stage.yan)
        )
    )
    stage.runs |= {run.run: who for run, who in zip(runs, (stage.mei, stage.yan), strict=True)}
    await stage.idle()
    ended = sorted([view.state, view.problem_code] for view in [await stage.view(run.run) for run in runs])
    assert ended in (
        [["done", ""], ["refused", "gift_short"]],
        [["done", ""], ["refused", "code_rejected"]],
    )
    assert (await stage.seen()).cards == [(0, 0)]
    await assert_books_agree(stage)


async def test_a_run_keeps_the_discount_that_it_held(stage: Stage) -> None:
    """The process is lost just after the hold, the voucher is revoked, and a peer goes on with what was held."""
    basket = await stage.dressed_basket()
    reached = stage.breaks.lose("hold", "end")
    run = await stage.begin(basket.wanted, reached)
    await stage.kill()
    for voucher in stage.vouchers:
        await stage.house.port(PromotionsPort).revoke_voucher(voucher_id=voucher, operator_id="acc_operator")
    await stage.later(seconds=LEASE_OVER)
    await stage.carry_through(run)
    await assert_bought_once(stage, basket, run)


class NoPromotions:
    """Says whoever asks it anything."""

    def __getattr__(self, verb: str) -> Any:
        raise AssertionError(f"promotions were asked to {verb}")


async def test_a_purchase_without_codes_asks_promotions_nothing(stage: Stage) -> None:
    house = stage.house.house
    promotions = house._ports[PromotionsPort]
    basket = await stage.basket()
    house.bind(PromotionsPort, NoPromotions())
    try:
        view = await stage.buy(basket.wanted)
        given_up = await stage.start(stage.wanting((await stage.piece(), 1), expected=1_000_000), key="other")
        await stage.give_up(given_up.run)
    finally:
        house.bind(PromotionsPort, promotions)
    assert view.state == "done"


def dressed(stage: Stage) -> Awaitable[Basket]:
    return stage.dressed_basket()


def free(stage: Stage) -> Awaitable[Basket]:
    return stage.free_basket()


async def at_every_moment(open_stage: OpenStage, scene: Callable[[Stage, Moment], Awaitable[bool]]) -> None:
    for moment in itertools.count():
        if not await scene(await open_stage(), moment):
            assert moment > 0
            return


@pytest.mark.parametrize(
    ("dress", "step"),
    [(dressed, "hold"), (dressed, "commit"), *((free, step) for step in STEPS)],
)
async def test_a_peer_finishes_what_a_lost_process_began(
    open_stage: OpenStage, dress: Dress, step: str
) -> None:
    async def scene(stage: Stage, moment: Moment) -> bool:
        basket = await dress(stage)
        reached = stage.breaks.lose(step, moment)
        run = await stage.begin(basket.wanted, reached)
        await stage.kill()
        await stage.later(seconds=LEASE_OVER)
        await stage.carry_through(run)
        await assert_bought_once(stage, basket, run)
        return reached.is_set()

    await at_every_moment(open_stage, scene)


@pytest.mark.parametrize(("dress", "step"), [(dressed, "hold"), (free, "authorise"), (free, "place")])
async def test_a_refusal_gives_codes_and_cards_back(open_stage: OpenStage, dress: Dress, step: str) -> None:
    async def scene(stage: Stage, moment: Moment) -> bool:
        basket, come_to = await dress(stage), asyncio.Event()
        at: list[Seen] = []

        async def refuse(run: Run[Any]) -> None:
            at.append(await stage.seen())
            come_to.set()
            await refusing()(run)

        stage.breaks.at(step, moment, refuse)
        run = await stage.begin(basket.wanted, come_to)
        view = await stage.carry_through(run)
        if come_to.is_set():
            assert (view.state, view.problem_code) == ("refused", "refused_by_test")
            assert await stage.seen() == basket.undone(at[0])
            await assert_books_agree(stage)
        return come_to.is_set()

    await at_every_moment(open_stage, scene)


@pytest.mark.parametrize("dress", [dressed, free])
async def test_a_peer_finishes_letting_go(open_stage: OpenStage, dress: Dress) -> None:
    async def scene(stage: Stage, moment: Moment) -> bool:
        basket = await dress(stage)
        stage.breaks.at("place", "end", refusing())
        reached = stage.breaks.lose("undo hold", moment)
        run = await stage.begin(basket.wanted, reached)
        await stage.kill()
        await stage.later(seconds=LEASE_OVER)
        view = await stage.carry_through(run)
        assert (view.state, view.problem_code) == ("refused", "refused_by_test")
        seen = await stage.seen()
        assert (seen.cards, seen.uses, seen.points) == (
            basket.before.cards, basket.before.uses, basket.before.points,
        )  # fmt: skip
        assert seen.stock == basket.before.stock
        await assert_books_agree(stage)
        return reached.is_set()

    await at_every_moment(open_stage, scene)


async def test_a_slow_process_spends_nothing_after_a_peer_has_given_up(stage: Stage) -> None:
    basket = await stage.dressed_basket()
    slow, awake = stage.engine, asyncio.Event()
    reached = stage.breaks.stall("hold", 1, awake)
    run = await stage.begin(basket.wanted, reached)
    stage.restart()
    stage.breaks.at("place", "end", refusing())
    await stage.later(seconds=LEASE_OVER)
    await stage.carry_through(run)
    awake.set()
    await stage.idle(slow)
    seen = await stage.seen()
    assert (seen.cards, seen.uses) == (basket.before.cards, basket.before.uses)
    await assert_books_agree(stage)
