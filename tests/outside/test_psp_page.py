"""The hosted page as a browser without JavaScript uses it: forms, redirects, and nothing twice."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.outside.parties import Listener, Merchant, Party, eventually, start_psp

CARD = {"number": "4242 4242 4242 4242", "expiry": "12 / 34", "cvc": "123"}
CHALLENGE = CARD | {"number": "4000000000003220"}


def page(merchant: Merchant, intent: str, step: str = "") -> httpx.Response:
    return httpx.get(f"{merchant.root}/psp/pay/{intent}{step}")


def submit(merchant: Merchant, intent: str, step: str, **fields: str) -> httpx.Response:
    return httpx.post(f"{merchant.root}/psp/pay/{intent}/{step}", data=fields)


def returned(intent: str, status: str) -> str:
    return f"https://house.example/back?order=1&intent={intent}&status={status}"


def heading(answer: httpx.Response) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", answer.text, re.DOTALL)
    assert found is not None
    return found[1]


def test_paying_returns_to_the_merchant(merchant: Merchant, listener: Listener):
    intent = merchant.create()
    paid = submit(merchant, intent, "card", **CARD)
    assert (paid.status_code, paid.headers["location"]) == (303, returned(intent, "authorised"))
    assert merchant.get(intent)["method"] == {"type": "card", "brand": "visa", "last4": "4242"}
    eventually(lambda: listener.types(intent), ["intent.authorised"])


def test_a_payer_who_closes_the_page_has_paid_all_the_same(merchant: Merchant, listener: Listener):
    intent = merchant.create(return_url="http://127.0.0.1:9/never-visited")
    submit(merchant, intent, "card", **CARD)
    eventually(lambda: listener.types(intent), ["intent.authorised"])


def test_wrong_fields_are_each_told_and_change_nothing(merchant: Merchant):
    intent = merchant.create()
    answer = submit(merchant, intent, "card", number="4242 4242 4242 4241", expiry="13/30", cvc="12")
    assert answer.status_code == 422
    for text in ("This card number is not valid", "Enter the date as month and year", "3 digits, or 4"):
        assert text in answer.text
    assert answer.text.count('aria-invalid="true"') == 3
    assert 'value="4242 4242 4242 4241"' in answer.text
    assert 'value="12"' not in answer.text
    empty = submit(merchant, intent, "card")
    assert empty.text.count("Enter your card number.") == 2
    unknown = submit(merchant, intent, "card", **CARD | {"number": "4111 1111 1111 1111"})
    assert "test cards only" in unknown.text
    assert merchant.effects(intent) == [("create", 980_000)]


def test_other_scripts_digits_are_read(merchant: Merchant):
    intent = merchant.create(locale="ar")
    paid = submit(merchant, intent, "card", number="٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢", expiry="١٢/٣٤", cvc="１２３")
    assert paid.headers["location"] == returned(intent, "authorised")


def test_submitting_many_times_at_once_pays_once(merchant: Merchant):
    intent = merchant.create()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: submit(merchant, intent, "card", **CARD), range(8)))
    assert {answer.headers["location"] for answer in answers} == {returned(intent, "authorised")}
    assert merchant.effects(intent) == [("create", 980_000), ("authorise", 980_000)]


def test_a_finished_page_says_so_and_links_back(merchant: Merchant):
    intent = merchant.authorised()
    shown = page(merchant, intent)
    assert (shown.status_code, heading(shown)) == (200, "Payment authorised")
    assert returned(intent, "authorised").replace("&", "&amp;") in shown.text
    assert "<form" not in shown.text
    assert submit(merchant, intent, "cancel").headers["location"] == returned(intent, "authorised")
    assert page(merchant, intent, "/card").headers["location"] == f"/psp/pay/{intent}"


def test_a_decline_returns_with_its_status(merchant: Merchant):
    intent = merchant.create(locale="zh-CN")
    answer = submit(merchant, intent, "card", **CARD | {"number": "4000000000009995"})
    assert answer.headers["location"] == returned(intent, "failed")
    shown = page(merchant, intent)
    assert heading(shown) == "付款未完成"
    assert "卡内余额不足。未扣取任何款项。" in shown.text


def test_the_challenge_passes_with_the_code(merchant: Merchant):
    intent = merchant.create()
    assert submit(merchant, intent, "card", **CHALLENGE).headers["location"] == f"/psp/pay/{intent}"
    assert submit(merchant, intent, "card", **CARD).headers["location"] == f"/psp/pay/{intent}"
    assert heading(page(merchant, intent)) == "Confirm with your bank"
    wrong = submit(merchant, intent, "challenge", code="000000")
    assert wrong.headers["location"] == f"/psp/pay/{intent}"
    assert "Attempts left: 2." in page(merchant, intent).text
    passed = submit(merchant, intent, "challenge", code="123456")
    assert passed.headers["location"] == returned(intent, "authorised")
    assert merchant.effects(intent) == [
        ("create", 980_000),
        ("challenge", 980_000),
        ("authorise", 980_000),
    ]


def test_the_challenge_fails_after_three_tries(merchant: Merchant):
    intent = merchant.create()
    submit(merchant, intent, "card", **CHALLENGE)
    places = [submit(merchant, intent, "challenge", code="1").headers["location"] for _ in range(4)]
    here, gone = f"/psp/pay/{intent}", returned(intent, "failed")
    assert places == [here, here, gone, gone]
    late = submit(merchant, intent, "challenge", code="123456")
    assert late.headers["location"] == gone
    assert merchant.effects(intent)[-1] == ("decline", 980_000)


def test_a_card_may_pass_the_challenge_and_still_be_refused(merchant: Merchant):
    intent = merchant.create()
    submit(merchant, intent, "card", **CARD | {"number": "4000008400001629"})
    answer = submit(merchant, intent, "challenge", code="123456")
    assert answer.headers["location"] == returned(intent, "failed")


def test_a_wallet_is_approved_or_refused(merchant: Merchant):
    intent = merchant.create(methods=["alipay", "wechat_pay"])
    form = page(merchant, intent).text
    assert "UnionPay" not in form
    assert "/card" not in form
    assert page(merchant, intent, "/wallet/unionpay").status_code == 404
    assert page(merchant, intent, "/wallet/alipay").status_code == 200
    assert merchant.effects(intent) == [("create", 980_000)]
    approved = submit(merchant, intent, "wallet/alipay", answer="approve")
    assert approved.headers["location"] == returned(intent, "authorised")
    assert merchant.get(intent)["method"] == {"type": "alipay", "brand": None, "last4": None}
    other = merchant.create()
    refused = submit(merchant, other, "wallet/wechat_pay", answer="refuse")
    assert refused.headers["location"] == returned(other, "failed")
    assert merchant.get(other)["failure_code"] == "wallet_declined"


def test_a_card_is_not_taken_where_it_is_not_offered(merchant: Merchant):
    intent = merchant.create(methods=["alipay"])
    assert submit(merchant, intent, "card", **CARD).headers["location"] == f"/psp/pay/{intent}"
    assert merchant.effects(intent) == [("create", 980_000)]


def test_cancelling_voids_and_returns(merchant: Merchant, listener: Listener):
    intent = merchant.create()
    assert submit(merchant, intent, "cancel").headers["location"] == returned(intent, "voided")
    assert submit(merchant, intent, "card", **CARD).headers["location"] == returned(intent, "voided")
    assert merchant.effects(intent) == [("create", 980_000), ("cancel", 980_000)]
    eventually(lambda: listener.types(intent), ["intent.voided"])


def test_a_slow_bank_sends_the_payer_back_undecided(merchant: Merchant):
    intent = merchant.create()
    answer = submit(merchant, intent, "card", **CARD | {"number": "4000000000000077"})
    assert answer.headers["location"] == returned(intent, "requires_action")
    assert heading(page(merchant, intent)) == "Your bank is processing the payment"
    eventually(lambda: heading(page(merchant, intent)), "Payment authorised")


def test_an_expired_page_takes_no_payment(merchant: Merchant):
    intent = merchant.create()
    merchant.post(f"/control/intents/{intent}/expire")
    assert submit(merchant, intent, "card", **CARD).headers["location"] == returned(intent, "expired")
    assert heading(page(merchant, intent)) == "This payment has expired"


@pytest.mark.parametrize(
    ("locale", "currency", "opening", "amount"),
    [
        ("en-GB", "EUR", '<html lang="en" dir="ltr">', "€1,234,567.89"),
        ("zh_Hans", "CNY", '<html lang="zh" dir="ltr">', "¥1,234,567.89"),
        ("ar-AE", "USD", '<html lang="ar" dir="rtl">', "1,234,567.89"),
        ("fr", "JPY", '<html lang="en" dir="ltr">', "JP¥123,456,789"),
    ],
)
def test_the_page_speaks_the_intents_language(
    merchant: Merchant, locale: str, currency: str, opening: str, amount: str
):
    shown = page(merchant, merchant.create(locale=locale, currency=currency, amount=123_456_789)).text
    assert opening in shown
    assert amount in shown


def test_a_test_card_fills_the_form(merchant: Merchant):
    shown = page(merchant, merchant.create(), "?fill=378282246310005").text
    assert 'value="3782 822463 10005"' in shown
    assert 'value="1234"' in shown
    assert 'value="4111' not in page(merchant, merchant.create(), "?fill=4111111111111111").text


def test_what_the_merchant_writes_is_shown_as_text(merchant: Merchant):
    shown = page(merchant, merchant.create(description="<script>alert(1)</script>")).text
    assert "<script" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown


def test_the_page_is_locked_down(merchant: Merchant):
    answer = page(merchant, merchant.create())
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "form-action 'self' https://house.example;" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["cache-control"] == "no-store"
    assert "http" not in re.sub(r'action="[^"]*"', "", answer.text)
    missing = page(merchant, "pi_unknown")
    assert (missing.status_code, heading(missing)) == (404, "There is no such payment")


def test_no_card_number_reaches_the_disk_or_the_log(tmp_path: Path, listener: Listener):
    psp: Party = start_psp(tmp_path)
    merchant = Merchant(psp, listener)
    intent, other = merchant.create(), merchant.create()
    submit(merchant, intent, "card", **CARD)
    submit(merchant, merchant.create(), "card", **CARD | {"cvc": ""})
    merchant.authorise(other, {"number": "5555555555554444", "cvc": "987"})
    psp.process.terminate()
    printed, complained = psp.process.communicate(timeout=10)
    written = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert b"4242" in written
    for secret in ("4242424242424242", "4242 4242 4242 4242", "5555555555554444", "987654"):
        assert secret.encode() not in written
        assert secret not in printed + complained
