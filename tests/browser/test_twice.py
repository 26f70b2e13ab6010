"""Every button between the invitation and the order, pressed twice: one effect, and a page that makes sense."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from playwright.sync_api import expect

from luxe.kernel.ids import new_id
from tests.browser.conftest import PASSWORD, Opener
from tests.browser.person import ADDRESS, Person
from tests.journeys.guest import Guest, Operator
from tests.journeys.opened import OpenHouse

PIECE = "ruban-twilly"


def _at_once(guest: Guest, page: httpx.Response, action: str, **typed: str) -> list[httpx.Response]:
    """The same form sent twice at the same moment, as two presses without script are."""
    with ThreadPoolExecutor(2) as pool:
        sent = [pool.submit(guest.submit, page, action, **typed) for _ in range(2)]
        return [each.result() for each in sent]


def _both_at(answers: list[httpx.Response], path: str) -> None:
    assert [(each.status_code, each.url.path) for each in answers] == [(200, path)] * 2


def _count(house: OpenHouse, statement: str, **values: str) -> int:
    return house.rows(f"SELECT count(*) FROM {statement}", **values)[0].count


def test_joining(house: OpenHouse, email: str) -> None:
    """Account, application, decision and fee, each form sent twice at once."""
    guest, operator = Guest(house), Operator(house)
    page = guest.get(house.logins["a guest"]["where"])
    answers = _at_once(
        guest, page, "/join/account", name="Chen Yulan", email=email, password=PASSWORD, terms="yes"
    )
    _both_at(answers, "/join/verify")
    account = house.rows("SELECT id FROM identity.accounts WHERE email = :email", email=email)
    assert len(account) == 1
    letter = house.mail(email, "mail")["text"]
    page = guest.get(f"/verify-email?token={letter.partition('/verify-email?token=')[2].split()[0]}")
    typed = {
        "country": "CN",
        "city": "Shanghai",
        "birthday": "1985-03-02",
        "source": "business",
        "declaration": "yes",
    }
    for number in ("1", "2"):
        typed[f"reference_{number}_name"] = f"Person {number}"
        typed[f"reference_{number}_contact"] = f"person{number}@luxe.example"
    _both_at(_at_once(guest, page, "/join/application", **typed), "/join/application")
    applied = "membership.applications WHERE account_id = :account"
    assert _count(house, applied, account=account[0].id) == 1

    page = operator.application_of(email)
    answers = _at_once(operator, page, "/approve")
    _both_at(answers, page.url.path)
    assert all("Approved on" in each.text for each in answers)
    decided = "membership.audit WHERE action = 'membership.decided' AND object_id = :application"
    assert _count(house, decided, application=page.url.path.rpartition("/")[2]) == 1

    first, second = _at_once(guest, guest.get("/join/fee"), "/join/fee")
    assert first.url == second.url
    assert first.url.path.startswith("/psp/pay/pi_")
    assert _count(house, "payments.intents WHERE account_id = :account", account=account[0].id) == 1
    guest.settle(guest.pay(first), "/join/welcome")
    subjects = [each["subject"] for each in house.mails(email)]
    assert sorted(subjects) == sorted(set(subjects))


def test_buying(house: OpenHouse, email: str) -> None:
    guest = Guest(house)
    guest.become_member("Chen Yulan", email, PASSWORD)
    page = guest.get(f"/piece/{PIECE}")
    found = re.search(r'name="variant" value="([^"]+)"(?![^>]* disabled)', page.text)
    assert found
    _both_at(_at_once(guest, page, "/bag/lines", variant=found.group(1)), "/bag")
    assert '<option value="1" selected>' in guest.get("/bag").text
    first, second = _at_once(guest, guest.to_review(), "/checkout/pay")
    assert first.url == second.url
    with ThreadPoolExecutor(2) as pool:
        paid = [pool.submit(guest.pay, first) for _ in range(2)]
        for each in paid:
            guest.settle(each.result(), "/orders/ord_")
    assert len(set(re.findall(r"/orders/(ord_\w+)", guest.get("/orders").text))) == 1


def _stuck_run(house: OpenHouse) -> str:
    """A checkout that was paid for and could not be committed, as the engine would have left it."""
    run = new_id("run")
    house.change(
        "INSERT INTO checkout.runs (id, key, owner, state, cursor, input, results, signals, signal_count, attempts,"
        " request_id, started_at, changed_at) VALUES (:run, :run, 'acc_lin', 'stuck', 4, '{}', '{}', '{}', 0, 8, 'req_1',"
        " now(), now())",
        run=run,
    )
    return run


def test_ending_a_run(house: OpenHouse, email: str) -> None:
    run, operator = _stuck_run(house), Operator(house)
    path = f"/office/runs/{run}"
    page = operator.get(path)
    unsure = operator.submit(page, "/end", reason="settled by hand")
    assert (unsure.status_code, unsure.url.path) == (422, path)
    blank = operator.submit(page, "/end", reason="  ", sure="yes")
    assert (blank.status_code, blank.url.path) == (422, path)
    ended = "checkout.run_log WHERE run_id = :run AND outcome = 'ended'"
    assert _count(house, ended, run=run) == 0
    _both_at(_at_once(operator, page, "/end", reason="settled by hand", sure="yes"), path)
    assert _count(house, ended, run=run) == 1
    assert _count(house, "checkout.audit WHERE object_id = :run", run=run) == 1
    late = operator.submit(page, "/retry")
    assert (late.status_code, "Ended by hand" in late.text, "/retry" in late.text) == (200, True, False)
    member = Guest(house)
    member.become_member("Chen Yulan", email, PASSWORD)
    assert [guest.get(path).status_code for guest in (member, operator)] == [404, 200]
    assert Guest(house).get(path).url.path == "/office/sign-in"
    assert operator.get("/office/runs/run_unknown").status_code == 404


def test_signing_out_everywhere(house: OpenHouse, email: str) -> None:
    here, elsewhere = Guest(house), Guest(house)
    here.become_member("Chen Yulan", email, PASSWORD)
    elsewhere.sign_in(email, PASSWORD)
    page = here.get("/account/security")
    _both_at(_at_once(here, page, "/account/sessions/end-all"), "/account/security")
    assert here.get("/account").url.path == "/account"
    assert elsewhere.get("/account").url.path == "/"


@pytest.mark.parametrize("script", [True, False])
def test_inviting(house: OpenHouse, person: Opener, email: str, script: bool) -> None:
    """In a browser; once more with the very same form sent again afterwards."""
    operator = person(java_script_enabled=script)
    operator.sign_in("operator")
    page = operator.page
    page.goto("/office/invitations")
    operator.fill(email=email)
    key = page.locator('form[action="/office/invitations"] [name=idempotency_key]').input_value()
    with page.expect_navigation(url="**/office/invitations?made=*"):
        page.dblclick('form[action="/office/invitations"] button[type=submit]')
    expect(page.get_by_role("status").first).to_contain_text("ready to be sent")
    made = page.url
    form: dict[str, str | float | bool] = {
        "inviter": "Sun Li",
        "email": email,
        "uses": "1",
        "expires": "2099-01-01",
        "idempotency_key": key,
    }
    form["expires"] = page.locator("[name=expires]").input_value()
    again = operator.context.request.post("/office/invitations", form=form, headers={"origin": house.url})
    assert again.url == made
    expect(page.locator("tr", has_text=email)).to_have_count(1)
    row = page.locator("tr", has_text=email)
    with page.expect_navigation():
        row.get_by_role("button").dblclick()
    expect(page.locator("tr", has_text=email)).to_contain_text("Revoked")


Press = Callable[[Person], None]


def _change_password(member: Person) -> None:
    member.page.goto("/account/security")
    member.fill(password=PASSWORD, new_password="another quiet morning 28")
    member.page.dblclick('form[action="/account/password"] button')


def _save_address(member: Person) -> None:
    member.page.goto("/account/addresses")
    member.page.select_option("[name=country]", "CN")
    member.fill(**ADDRESS)
    member.page.dblclick('form[action="/account/addresses"] button')


def _save_consent(member: Person) -> None:
    member.page.goto("/account/privacy")
    member.page.check("[name=newsletter]")
    member.page.dblclick('form[action="/account/privacy/consents"] button')


@pytest.mark.parametrize("press", [_change_password, _save_address, _save_consent])
def test_what_an_account_saves_is_saved_once(member: Person, press: Press) -> None:
    press(member)
    expect(member.page.locator("#notices")).to_contain_text("Saved.")
    expect(member.page.get_by_role("alert").filter(visible=True)).to_have_count(0)
    if press is _save_address:
        expect(member.page.locator(".record li")).to_have_count(1)
