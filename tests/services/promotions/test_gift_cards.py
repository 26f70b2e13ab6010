"""What the door of promotions promises of gift cards, through both bindings."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from luxe.app.invariants.promotions import INVARIANTS
from luxe.kernel import clock
from luxe.kernel.errors import Refusal
from luxe.kernel.money import Money
from luxe.services.promotions.contract import (
    Appraisal,
    CardOffer,
    Evaluation,
    Gift,
    GiftBalance,
    GiftCard,
    Line,
    Port,
    VoucherRules,
)
from tests.harness import Running, running

MEI, LI = "acc_mei", "acc_li"
WRONG = "0000-0000-0000"


def cny(minor: int) -> Money:
    return Money(minor, "CNY")


@pytest.fixture
async def house(binding: str) -> AsyncIterator[Running]:
    async with running("promotions", binding=binding) as house:
        yield house


@pytest.fixture
def promotions(house: Running) -> Port:
    return house.port(Port)


async def issue(promotions: Port, minor: int, key: str = "k1", currency: str = "CNY") -> tuple[GiftCard, str]:
    card = await promotions.issue_gift_card(
        key=key, amount=Money(minor, currency), reason="a birthday", operator_id=LI
    )
    return card, await promotions.code_of_gift_card(card_id=card.id)


async def hold(promotions: Port, run: str, *gifts: tuple[str, int], currency: str = "CNY") -> Evaluation:
    return await promotions.hold(
        run=run,
        account_id=MEI,
        tier="gold",
        country="CN",
        currency=currency,
        lines=[],
        codes=[],
        gifts=[Gift(code=code, amount=Money(minor, currency)) for code, minor in gifts],
    )


async def give_back(promotions: Port, run: str, minor: int, key: str = "r1") -> Money:
    return await promotions.give_back(run=run, key=key, amount=cny(minor))


async def on(promotions: Port, card: GiftCard) -> tuple[int, int]:
    """(available, held) in minor units."""
    found = next(each for each in (await promotions.gift_cards()).items if each.id == card.id)
    return found.available.minor, found.held.minor


async def refusal_of(work: Any) -> Refusal:
    with pytest.raises(Refusal) as refused:
        await work
    return refused.value


async def assert_books_agree(house: Running) -> None:
    broken = {each.name: await house.rows("promotions", each.broken) for each in INVARIANTS}
    assert {name: rows for name, rows in broken.items() if rows} == {}


async def test_a_card_is_issued_once_for_a_key(house: Running, promotions: Port) -> None:
    made = await asyncio.gather(*[issue(promotions, 50_000) for _ in range(6)])
    assert len({card.id for card, _ in made}) == 1
    assert await on(promotions, made[0][0]) == (50_000, 0)
    assert (await refusal_of(issue(promotions, 50_001))).code == "gift_reused"
    assert (await refusal_of(issue(promotions, 0, "k2"))).code == "gift_invalid"
    stored = await house.rows("promotions", "SELECT digest FROM promotions.gift_cards")
    assert [digest for (digest,) in stored] != [made[0][1]]
    (audited,) = await house.rows("promotions", "SELECT action, object_id FROM promotions.audit")
    assert tuple(audited) == ("promotions.gift_card_issued", made[0][0].id)
    await assert_books_agree(house)


async def test_whoever_knows_the_code_knows_the_balance(promotions: Port) -> None:
    _, code = await issue(promotions, 50_000)
    found = await promotions.gift_card(account_id=MEI, code=code.lower().replace("-", ""))
    assert found == GiftBalance(available=cny(50_000))
    assert await promotions.gift_card(account_id=MEI, code=WRONG) is None


async def test_ten_wrong_codes_close_the_door_to_right_ones_too(promotions: Port) -> None:
    _, code = await issue(promotions, 50_000)
    try:
        clock.replace_clock(lambda: datetime(2026, 3, 1, tzinfo=UTC))
        for _ in range(10):
            assert await promotions.gift_card(account_id=MEI, code=WRONG) is None
        refused = await refusal_of(promotions.gift_card(account_id=MEI, code=code))
        assert (refused.code, refused.extra) == ("too_many_attempts", {"retry_after": 900})
        assert await promotions.gift_card(account_id="acc_lin", code=code) is not None
    finally:
        clock.replace_clock(None)


async def test_money_is_held_spent_and_given_back_by_run(house: Running, promotions: Port) -> None:
    card, code = await issue(promotions, 50_000)
    other, second = await issue(promotions, 20_000, "k2")
    for _ in range(3):
        await hold(promotions, "run_1", (code, 40_000), (second, 20_000))
    assert [await on(promotions, each) for each in (card, other)] == [(10_000, 40_000), (0, 20_000)]
    await assert_books_agree(house)
    assert (await refusal_of(give_back(promotions, "run_1", 1))).code == "run_unsettled"
    for _ in range(2):
        await promotions.settle(run="run_1")
    await promotions.release(run="run_1")
    assert [await on(promotions, each) for each in (card, other)] == [(10_000, 0), (0, 0)]
    await assert_books_agree(house)
    given = await asyncio.gather(*[give_back(promotions, "run_1", 25_000) for _ in range(5)])
    assert given == [cny(25_000)] * 5
    assert [await on(promotions, each) for each in (card, other)] == [(15_000, 0), (20_000, 0)]
    assert (await refusal_of(give_back(promotions, "run_1", 24_999))).code == "give_back_reused"
    refused = await refusal_of(give_back(promotions, "run_1", 35_001, "r2"))
    assert (refused.code, refused.extra) == ("give_back_too_much", {"left": 35_000})
    assert await give_back(promotions, "run_1", 35_000, "r2") == cny(60_000)
    assert [await on(promotions, each) for each in (card, other)] == [(50_000, 0), (20_000, 0)]
    await assert_books_agree(house)


async def test_refunds_at_once_give_back_no_more_than_was_spent(house: Running, promotions: Port) -> None:
    card, code = await issue(promotions, 50_000)
    await hold(promotions, "run_1", (code, 50_000))
    await promotions.settle(run="run_1")
    answers = await asyncio.gather(
        *[give_back(promotions, "run_1", 15_000, f"r{number}") for number in range(8)], return_exceptions=True
    )
    assert sum(isinstance(answer, Money) for answer in answers) == 3
    assert {answer.code for answer in answers if isinstance(answer, Refusal)} == {"give_back_too_much"}
    assert await on(promotions, card) == (45_000, 0)
    await assert_books_agree(house)


async def test_releasing_gives_back_once_and_a_late_hold_is_refused(house: Running, promotions: Port) -> None:
    card, code = await issue(promotions, 50_000)
    await hold(promotions, "run_1", (code, 30_000))
    for _ in range(2):
        await promotions.release(run="run_1")
    assert await on(promotions, card) == (50_000, 0)
    assert (await refusal_of(hold(promotions, "run_1", (code, 1)))).code == "run_unknown"
    assert (await refusal_of(give_back(promotions, "run_1", 1))).code == "give_back_too_much"
    await assert_books_agree(house)


async def test_fifty_runs_at_once_cannot_overspend(house: Running, promotions: Port) -> None:
    card, code = await issue(promotions, 10_000)
    attempts = [hold(promotions, f"run_{number}", (code, 300)) for number in range(50)]
    answers = await asyncio.gather(*attempts, return_exceptions=True)
    assert sum(isinstance(answer, Evaluation) for answer in answers) == 33
    assert {answer.code for answer in answers if isinstance(answer, Refusal)} == {"gift_short"}
    assert await on(promotions, card) == (100, 9_900)
    await assert_books_agree(house)


async def test_the_last_of_a_card_goes_to_one_of_two(house: Running, promotions: Port) -> None:
    for number in range(10):
        card, code = await issue(promotions, 500, f"k{number}")
        answers = await asyncio.gather(
            *[hold(promotions, f"run_{number}_{buyer}", (code, 500)) for buyer in range(2)],
            return_exceptions=True,
        )
        assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "Evaluation"]
        assert await on(promotions, card) == (0, 500)
    await assert_books_agree(house)


async def test_two_cards_in_any_order_do_not_lock_each_other_out(house: Running, promotions: Port) -> None:
    card, one = await issue(promotions, 30)
    other, two = await issue(promotions, 30, "k2")
    pairs = [((one, 1), (two, 1)), ((two, 1), (one, 1))]
    await asyncio.gather(*[hold(promotions, f"run_{number}", *pairs[number % 2]) for number in range(30)])
    await asyncio.gather(*[promotions.settle(run=f"run_{number}") for number in range(30)])
    assert [await on(promotions, each) for each in (card, other)] == [(0, 0), (0, 0)]
    await assert_books_agree(house)


async def test_what_cannot_be_held_changes_nothing(house: Running, promotions: Port) -> None:
    card, code = await issue(promotions, 500)
    euro, foreign = await issue(promotions, 500, "k2", "EUR")
    for gifts, reason in (
        ([(code, 400), (WRONG, 1)], "code_rejected"),
        ([(code, 501)], "gift_short"),
        ([(code, 400), (foreign, 1)], "gift_short"),
        ([(code, 0)], "gift_invalid"),
        ([(code, 1), (code.lower(), 1)], "gift_invalid"),
    ):
        assert (await refusal_of(hold(promotions, "run_1", *gifts))).code == reason
    assert [await on(promotions, each) for each in (card, euro)] == [(500, 0), (500, 0)]
    assert await house.rows("promotions", "SELECT * FROM promotions.runs") == []
    await hold(promotions, "run_1", (foreign, 500), currency="EUR")
    assert await on(promotions, euro) == (0, 500)


async def test_a_revoked_card_pays_nothing_and_keeps_its_money(house: Running, promotions: Port) -> None:
    card, code = await issue(promotions, 500)
    await hold(promotions, "run_1", (code, 200))
    revoked = [await promotions.revoke_gift_card(card_id=card.id, operator_id=by) for by in (LI, "acc_sun")]
    assert [each.revoked_by for each in revoked] == [LI, LI]
    assert (await refusal_of(hold(promotions, "run_2", (code, 100)))).code == "code_rejected"
    assert await promotions.gift_card(account_id=MEI, code=code) is None
    await promotions.settle(run="run_1")
    await give_back(promotions, "run_1", 200)
    assert await on(promotions, card) == (500, 0)
    unknown = await refusal_of(promotions.revoke_gift_card(card_id="gft_x", operator_id=LI))
    assert unknown.code == "gift_unknown"
    await assert_books_agree(house)


async def test_a_journal_that_does_not_sum_to_zero_cannot_be_committed(
    house: Running, promotions: Port
) -> None:
    card, _ = await issue(promotions, 500)
    journal = """INSERT INTO promotions.gift_journals (id, kind, card_id, amount_minor, currency, at, actor)
                 VALUES ('jrn_x', 'spend', :card, 5, 'CNY', now(), 'test')"""
    entries = """INSERT INTO promotions.gift_entries (journal_id, account, amount_minor, currency)
                 VALUES ('jrn_x', 'a', 5, 'CNY'), ('jrn_x', 'b', -5, 'EUR')"""
    async with house.database("promotions").engine.connect() as connection:
        await connection.execute(text(journal), {"card": card.id})
        await connection.execute(text(entries))
        with pytest.raises(IntegrityError, match="do not sum to zero"):
            await connection.commit()


@pytest.mark.parametrize("table", ["gift_journals", "gift_entries", "gift_uses", "gift_returns"])
@pytest.mark.parametrize("verb", ["UPDATE promotions.{} SET amount_minor = 1", "DELETE FROM promotions.{}"])
async def test_the_ledger_cannot_be_rewritten(house: Running, table: str, verb: str) -> None:
    with pytest.raises(DBAPIError, match="permission denied"):
        await house.rows("promotions", verb.format(table))


async def test_operators_issue_and_members_look_up_over_rest(house: Running) -> None:
    li, mei = house.sign_in_as("operator", subject=LI), house.sign_in_as("member", subject=MEI)
    body = {"amount": {"minor": 500, "currency": "CNY"}, "reason": "a birthday"}
    issued = await house.rest.post("/v1/gift-cards", json=body, headers=li | {"idempotency-key": "a"})
    assert issued.status_code == 201
    card = issued.json()["id"]
    code = (await house.rest.get(f"/v1/gift-cards/{card}/code", headers=li)).json()["code"]
    for typed, available in ((code, {"minor": 500, "currency": "CNY"}), (WRONG, None)):
        found = await house.rest.post(
            "/v1/gift-cards/lookup", json={"code": typed}, headers=mei | {"idempotency-key": typed}
        )
        assert (found.status_code, found.json()) == (200, {"available": available})
    guesses = await house.rows("promotions", "SELECT account_id FROM promotions.wrong_codes")
    assert [row.account_id for row in guesses] == [MEI]
    assert (await house.rest.get("/v1/gift-cards", headers=mei)).status_code == 403
    revoked = await house.rest.post(
        f"/v1/gift-cards/{card}/revocation", headers=li | {"idempotency-key": "b"}
    )
    assert (revoked.status_code, revoked.json()["revoked_by"]) == (200, LI)


async def appraise(promotions: Port, *codes: str, run: str = "") -> Appraisal:
    bag = Line(variant_id="bag", brand="ondevar", category="bags", total=cny(100_000))
    return await promotions.appraise(
        account_id=MEI, tier="gold", country="CN", currency="CNY", lines=[bag], codes=list(codes), run=run
    )


async def test_codes_of_both_sorts_are_appraised_together(house: Running, promotions: Port) -> None:
    """However each is typed; what is of no use says why, and only what is nobody's counts as a guess."""
    made = await promotions.make_voucher(
        key="k", name="Winter", rules=VoucherRules(percent=10), codes=1, operator_id=LI
    )
    (voucher,) = await promotions.codes_of(voucher_id=made.id)
    _, full = await issue(promotions, 30_000, key="full")
    _, foreign = await issue(promotions, 30_000, key="foreign", currency="EUR")
    empty_card, empty = await issue(promotions, 500, key="empty")
    await hold(promotions, "run_1", (empty, 500))
    ended_card, ended = await issue(promotions, 500, key="ended")
    await promotions.revoke_gift_card(card_id=ended_card.id, operator_id=LI)
    typed = full.lower().replace("-", " ")
    told = await appraise(promotions, typed, foreign, WRONG, voucher, empty, ended, full)
    assert told.cards == [CardOffer(code=typed, available=cny(30_000))]
    assert [(each.code, each.amount) for each in told.evaluation.discounts] == [(voucher, cny(10_000))]
    assert [(each.code, each.reason) for each in told.evaluation.rejected] == [
        (foreign, "not_in_currency"), (WRONG, "code_invalid"), (empty, "used_up"), (ended, "code_invalid"),
    ]  # fmt: skip
    assert len(await house.rows("promotions", "SELECT 1 FROM promotions.wrong_codes")) == 2
    assert (await appraise(promotions)).evaluation.total == cny(0)
    assert await on(promotions, empty_card) == (0, 500)


async def test_a_run_is_told_what_it_holds_and_not_what_others_could_have(promotions: Port) -> None:
    made = await promotions.make_voucher(
        key="k", name="Winter", rules=VoucherRules(percent=10, per_member=1), codes=1, operator_id=LI
    )
    (voucher,) = await promotions.codes_of(voucher_id=made.id)
    bag = Line(variant_id="bag", brand="ondevar", category="bags", total=cny(100_000))
    await promotions.hold(
        run="run_1", account_id=MEI, tier="gold", country="CN", currency="CNY", lines=[bag], codes=[voucher]
    )
    mine, others = (
        await appraise(promotions, voucher, run="run_1"),
        await appraise(promotions, voucher, run="run_2"),
    )
    assert (mine.evaluation.total, mine.evaluation.rejected) == (cny(10_000), [])
    assert [each.reason for each in others.evaluation.rejected] == ["used_up"]


async def test_who_has_guessed_too_often_is_told_nothing(promotions: Port) -> None:
    _, full = await issue(promotions, 30_000)
    await appraise(promotions, *(f"{number:04d}-0000-0000" for number in range(10)))
    refused = await refusal_of(appraise(promotions, full))
    assert refused.code == "too_many_attempts"
