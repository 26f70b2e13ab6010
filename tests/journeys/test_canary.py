"""Card numbers posted at every endpoint and form, in every field, are found nowhere afterwards."""

from __future__ import annotations

import copy
import re
import uuid
from collections import Counter
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import quote, urljoin

import httpx
import pytest

from tests.journeys import canaries
from tests.journeys.buyer import ADDRESS, SCOPES, Buyer, api_key, stocked
from tests.journeys.canaries import canary, plain_canary
from tests.journeys.guest import Guest, Operator
from tests.journeys.opened import OpenHouse
from tests.journeys.traces import Traces
from tests.rest.operations import OPERATIONS, Operation

REFUSED = "card_number_refused"
BEGINNINGS = {"member": ("/", "/bag", "/checkout", "/account", "/wishes"), "operator": ("/office",)}
MOST_PAGES = 70
TYPED = re.compile(r"<(?:input|textarea|select)\b[^>]*\bname=\"([^\"]+)\"[^>]*>")


@pytest.fixture(scope="module")
def people(house: OpenHouse) -> dict[str, Guest]:
    member = Guest(house)
    login = house.logins["member"]
    member.sign_in(login["e-mail"], login["password"])
    return {"member": member, "operator": Operator(house)}


def places(body: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where in a JSON body there is a text or a number."""
    if isinstance(body, dict):
        for name, value in body.items():
            yield from places(value, (*at, name))
    elif isinstance(body, list):
        for index, value in enumerate(body):
            yield from places(value, (*at, index))
    elif isinstance(body, (str, int)) and not isinstance(body, bool):
        yield at


def put(body: Any, at: tuple[Any, ...]) -> Any:
    changed = copy.deepcopy(body)
    inner = changed
    for step in at[:-1]:
        inner = inner[step]
    inner[at[-1]] = canary() if isinstance(inner[at[-1]], str) else int(plain_canary())
    return changed


def calls(operation: Operation) -> Iterator[tuple[str, dict[str, Any]]]:
    """Address and options of each call of an operation that has a card number in one place."""
    address, query = operation.address(), operation.query()
    example = (operation.body or {}).get("example")
    content: dict[str, Any] = {"json": example} if example is not None else {}
    for each in operation.parameters:
        if each["in"] == "path":
            shown = quote(str(each.get("example", "x")), safe="")
            yield address.replace(shown, plain_canary(), 1), content
            yield address.replace(shown, quote(canary(), safe=""), 1), content
        elif each["in"] == "query":
            yield address, {"params": query | {each["name"]: canary()}, **content}
    yield address, {"params": query | {"note": canary()}, **content}
    for header in ("user-agent", "accept-language", "x-note"):
        yield address, {"headers": {header: canary().strip()}, **content}
    if operation.unsafe:
        yield address, {"headers": {"idempotency-key": plain_canary()}, **content}
        for at in places(example):
            yield address, {"json": put(example, at)}
        if isinstance(example, dict):
            yield address, {"json": example | {"note": canary()}}
            yield address, {"data": {"note": canary()}}
            yield address, {"files": {"file": (f"{plain_canary()}.txt", b"a scan")}}


def test_no_operation_keeps_a_card_number(house: OpenHouse, people: dict[str, Guest]) -> None:
    told: Counter[str] = Counter()
    for operation in OPERATIONS.values():
        for path, options in calls(operation):
            who = "operator" if "operator" in str(operation.described.get("x-access")) else "member"
            headers = {"idempotency-key": uuid.uuid4().hex} | options.pop("headers", {})
            answer = _sent(people[who].http, operation.method, path, headers, options)
            assert answer.status_code >= 400, (operation.name, path, options, answer.text[:500])
            assert not canaries.is_in(answer.content), (operation.name, answer.text[:500])
            assert not any(canaries.is_in(value) for value in answer.headers.values()), operation.name
            told[answer.json().get("code", "")] += 1
    print(f"{told.total()} calls of {len(OPERATIONS)} operations with a card number in them: {dict(told)}")
    assert told["too_many_requests"] == 0
    assert told[REFUSED] > told.total() * 0.9, told


def _sent(
    client: httpx.Client, method: str, path: str, headers: dict[str, str], options: dict[str, Any]
) -> httpx.Response:
    try:
        return client.request(method, path, headers=headers, follow_redirects=False, **options)
    except httpx.TransportError:
        return client.request(method, path, headers=headers, follow_redirects=False, **options)


def forms(page: httpx.Response) -> Iterator[tuple[str, dict[str, str], list[str]]]:
    """Action, hidden fields and names of all fields of each form of a page that changes something."""
    for form in re.findall(r"<form\b.*?</form>", page.text, re.DOTALL):
        opening = form[: form.index(">")]
        if 'method="post"' in opening:
            found = re.search(r'action="([^"]*)"', opening)
            target = urljoin(str(page.url), unescape(found.group(1)) if found else "")
            hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
            yield target, hidden, sorted(set(TYPED.findall(form)))


def pages(guest: Guest, beginnings: tuple[str, ...]) -> Iterator[httpx.Response]:
    """Whatever can be reached by links, one page of each kind: ids and names in an address tell no kinds apart."""
    waiting, kinds = [*beginnings], set()
    while waiting and len(kinds) < MOST_PAGES:
        path = waiting.pop(0)
        kind = re.sub(
            r"[a-z]+_[0-9a-z]{20,}|[A-Z]+-[0-9A-Z]+|(?<=/piece/)[^/?]+|(?<=/pieces/)[^/?]+|=[^&]+", "*", path
        )
        if kind in kinds:
            continue
        kinds.add(kind)
        page = guest.get(path)
        if "text/html" not in page.headers.get("content-type", "") or page.status_code != 200:
            continue
        yield page
        found = re.findall(r'<a\b[^>]* href="(/[^"#]*)"', page.text)
        waiting += [
            unescape(each)
            for each in found
            if not re.match(r"/(media|static|psp|mail|docs|v1|sign-out)\b", each)
        ]


def test_no_form_keeps_a_card_number(house: OpenHouse, people: dict[str, Guest]) -> None:
    seen: set[str] = set()
    posted = 0
    people["member"].put_in_bag("ruban-twilly")
    for who, guest in people.items():
        for page in pages(guest, BEGINNINGS[who]):
            for target, hidden, names in forms(page):
                if not target.startswith(house.url + "/") or target in seen or "/psp/" in target:
                    continue
                seen.add(target)
                for name in [*names, "note"]:
                    answer = guest.http.post(target, data={**hidden, name: canary()}, follow_redirects=False)
                    posted += 1
                    assert answer.status_code == 422, (target, name, answer.status_code)
                    assert not canaries.is_in(answer.content), (target, name)
            answer = guest.get(page.url.path, params={"q": canary()})
            assert not canaries.is_in(answer.content), page.url.path
    print(f"{posted} forms posted to {len(seen)} addresses with a card number in them")
    house.change("DELETE FROM bag.bags")
    assert len(seen) >= 25, seen


def test_nothing_of_them_is_found_anywhere(house: OpenHouse, traces: Traces) -> None:
    """After the other two: database, logs, streams, traces."""
    assert list(canaries.in_tables(house)) == []
    assert list(canaries.in_files(house.data / "logs")) == []
    assert list(canaries.in_files(house.data / "nats")) == []
    assert list(canaries.in_traces(traces)) == []


def test_the_code_of_a_gift_card_that_paid_is_kept_nowhere(
    house: OpenHouse, people: dict[str, Guest], traces: Traces
) -> None:
    """Nor is that of one that was refused. A quote names them, so it is told once."""
    office, variant_and_price = people["operator"].http, stocked(house, 1)
    variant, price = variant_and_price
    part = price | {"minor": 1_000}
    issued = office.post(
        "/v1/gift-cards",
        json={"amount": part, "reason": "a birthday"},
        headers={"idempotency-key": uuid.uuid4().hex},
    )
    code = office.get(f"/v1/gift-cards/{issued.json()['id']}/code").json()["code"]
    buyer = Buyer(house, api_key(house, "member", [each for each in SCOPES if "inventory" not in each]))
    lines, key = [{"variant_id": variant, "quantity": 1}], {"idempotency-key": uuid.uuid4().hex}
    asked = {"lines": lines, "currency": price["currency"], "codes": [code]}
    told = [buyer.http.post("/v1/checkouts/quote", json=asked, headers=key) for _ in range(2)]
    assert [each.json().get("code", "") for each in told] == ["", "shown_once"]
    assert told[0].json()["gifts"][0]["code"] == code
    wrong = "7777-" + code[5:]
    for given, state in ((wrong, "refused"), (code, "done")):
        due = price | {"minor": price["minor"] - part["minor"]}
        wanted = {"lines": lines, "address": ADDRESS, "deliver_on": "2099-01-01", "expected": due}
        wanted["gifts"] = [{"code": given, "amount": part}]
        run = buyer.call("POST", "/v1/checkouts", json=wanted).json()["run"]
        seen = buyer.watch(run, ("pay", "refused", "stuck"))
        if seen["pay_at"]:
            buyer.pay(seen["pay_at"])
            seen = buyer.watch(run, ("done", "refused", "stuck"))
        assert seen["state"] == state, seen
    mark = code.replace("-", "")[4:]
    assert list(canaries.in_tables(house, mark)) == []
    assert list(canaries.in_files(house.data / "logs", mark)) == []
    assert list(canaries.in_files(house.data / "nats", mark)) == []
    assert list(canaries.in_traces(traces, mark)) == []


def test_a_person_is_told_where_card_numbers_belong(house: OpenHouse, people: dict[str, Guest]) -> None:
    page = people["member"].http.post("/checkout/delivery", data={"gift_note": "4242 4242 4242 4242"})
    assert page.status_code == 422
    assert "No card numbers here, please" in page.text


def test_the_looking_finds_what_is_there(house: OpenHouse) -> None:
    """A check that was never seen to fail is none."""
    number = canary()
    house.change("CREATE TABLE bag.planted (note text, more jsonb)")
    try:
        house.change(
            "INSERT INTO bag.planted (more) VALUES (jsonb_build_object('deep', CAST(:note AS text)))",
            note=number,
        )
        assert len(list(canaries.in_tables(house))) == 1
    finally:
        house.change("DROP TABLE bag.planted")
    (house.data / "logs" / "planted.log").write_text(f"somebody typed {number}")
    try:
        assert len(list(canaries.in_files(house.data / "logs"))) == 1
    finally:
        (house.data / "logs" / "planted.log").unlink()
