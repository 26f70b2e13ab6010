"""The office's page of bank transfers as an operator uses it without script: a statement is read, looked at, applied."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from html import unescape
from typing import Any

import httpx
import pytest

from luxe.app.registry import unit_names
from luxe.kernel import clock
from luxe.kernel.money import Money
from luxe.services.payments.contract import LONGEST_STATEMENT, Port
from luxe.services.payments.service.bank_transfer import reference_of
from tests.harness import Running, running
from tests.rest.test_office_books import Desk, somebody

UNLIMITED = 1_000_000
PROVIDERS = '{"bank_transfer": {"holder": "LUXE", "account": "FR76", "bank": "X", "currencies": "EUR"}}'
PLACE = "/office/transfers"


@pytest.fixture
async def house() -> AsyncIterator[Running]:
    limits: dict[str, Any] = {"rest_per_minute": UNLIMITED, "rest_per_minute_nobody": UNLIMITED}
    psp = "http://127.0.0.1:9/psp"
    async with running(
        *unit_names(), pool_size=4, psp_url=psp, payment_providers=PROVIDERS, **limits
    ) as house:
        yield house


async def upload(desk: Desk, content: bytes, name: str = "november.csv") -> httpx.Response:
    files = {"statement": (name, content, "text/csv")}
    return await desk.house.rest.post(f"{PLACE}/statements", headers=desk.headers, files=files)


def told(page: httpx.Response) -> list[str]:
    """The cells of the page's tables, without their markup."""
    cells = re.findall(r"<td\b[^>]*>(.*?)</td>", page.text, re.DOTALL)
    return [unescape(re.sub(r"<[^>]+>|\s+", " ", each)).strip() for each in cells]


async def test_a_statement_is_looked_at_and_applied(house: Running) -> None:
    li, payments = await somebody(house, "li", "operator"), house.port(Port)
    intent = await payments.open(
        run="run_1", account_id="acc_1", purpose="checkout", amount=Money(1_280_000, "EUR"), description="",
        return_path="/back", locale="en", method="bank_transfer", country="FR",
    )  # fmt: skip
    head, day = b"entry,received_on,amount,currency,text\n", clock.now().date()
    wrong = await upload(li, head + f"e_1,{day},one,EUR,\n".encode())
    assert (wrong.status_code, told(wrong)[:3]) == (422, ["2", "amount", "'one' is not an amount"])
    assert (await upload(li, b"x" * (LONGEST_STATEMENT + 1))).status_code == 422
    nothing = await li.house.rest.post(f"{PLACE}/statements", headers=li.headers, data={"x": "y"})
    assert nothing.headers["location"] == f"{PLACE}?problem=statement_missing"
    rows = f'e_1,{day},"12,800.00",EUR,{reference_of(intent.id)} Lin\ne_2,{day},5,EUR,<b>watch\n'.encode()
    read = await upload(li, head + rows)
    assert read.status_code == 303
    shown = await li.open(read.headers["location"])
    assert [each for each in told(shown) if each in ("Pays", "No known reference")] == [
        "Pays", "No known reference",
    ]  # fmt: skip
    assert "<b>watch" not in shown.text
    assert "november.csv" in (await li.open(PLACE)).text
    assert await payments.transfers() == []
    assert (await li.press(shown, "/apply")).headers["location"] == read.headers["location"]
    assert "Apply this statement" not in (await li.open(read.headers["location"])).text
    assert [(each.entry, each.state) for each in await payments.transfers()] == [
        ("e_2", "open"), ("e_1", "matched"),
    ]  # fmt: skip
    assert (await upload(li, head + rows, "again.csv")).headers["location"] == read.headers["location"]
    matched = await li.open(f"{PLACE}?shown=matched")
    refused = await li.press(matched, "/unmatch", note="not this one")
    assert refused.headers["location"] == f"{PLACE}?shown=matched&problem=transfer_spent"
    assert "Came without a known reference" in (await li.open("/office/cases")).text
    member = await somebody(house, "weiran")
    assert (await upload(member, head)).status_code == 404
