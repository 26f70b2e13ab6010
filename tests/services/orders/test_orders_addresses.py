"""Addresses by country, and the address book."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from luxe.kernel.errors import Refusal
from luxe.services.orders.contract import MAX_ADDRESSES, Address, Port
from luxe.services.orders.domain.addresses import check, trim
from luxe.services.orders.domain.countries import RULES
from tests.harness import running
from tests.services.orders.drafts import PARIS, SHANGHAI


def changed(**fields: str) -> Address:
    return msgspec.structs.replace(SHANGHAI, **fields)


def wrong(address: Address) -> dict[str, str]:
    return {error["field"]: error["code"] for error in check(address).errors}


GOOD = [
    ("CN", "200002", "200002"), ("CN", "２０００02", "200002"), ("FR", "75001", "75001"), ("IT", "20121", "20121"),
    ("DE", "10117", "10117"), ("ES", "28001", "28001"), ("PT", "1200001", "1200-001"), ("JP", "１０４ー0061", "104-0061"),
    ("JP", "1040061", "104-0061"), ("JP", "104-0061", "104-0061"), ("KR", "06013", "06013"),
    ("US", "10022", "10022"), ("US", "100224567", "10022-4567"), ("GB", "w1j9ll", "W1J 9LL"), ("GB", "EC1A 1BB", "EC1A 1BB"),
    ("RU", "109012", "109012"), ("AE", "", ""), ("SA", "12211", "12211"), ("HK", "", ""), ("TW", "110", "110"),
    ("TW", "110615", "110615"), ("CA", "m5v3l9", "M5V 3L9"), ("NL", "1017ab", "1017 AB"), ("IE", "D02X285", "D02 X285"),
    ("BR", "01310100", "01310-100"), ("PL", "00001", "00-001"), ("SG", "238859", "238859"),
]  # fmt: skip


@pytest.mark.parametrize(("country", "given_code", "written"), GOOD)
def test_postcodes_as_their_country_writes_them(country: str, given_code: str, written: str) -> None:
    found = check(changed(country=country, postcode=given_code, region="R"))
    assert (found.errors, found.address.postcode) == ([], written)


@pytest.mark.parametrize(
    ("country", "postcode"),
    [("CN", "20000"), ("FR", "7500A"), ("JP", "104-006"), ("US", "1002"), ("GB", "123"), ("RU", "10901"), ("PT", "12000"),
     ("TW", "1106"), ("MC", "75001"), ("SA", "1"), ("CN", "٢٠٠٠٠٢x"), ("KR", "abcde")],
)  # fmt: skip
def test_postcodes_of_nowhere(country: str, postcode: str) -> None:
    assert wrong(changed(country=country, postcode=postcode, region="R")) == {"postcode": "malformed"}


@pytest.mark.parametrize("country", sorted(code for code, rule in RULES.items() if rule.postcode))
def test_where_there_are_postcodes_one_is_needed(country: str) -> None:
    assert wrong(changed(country=country, postcode="", region="R")) == {"postcode": "missing"}


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"name": " "}, {"name": "missing"}),
        ({"line1": "\u200b"}, {"line1": "missing"}),
        ({"region": ""}, {"region": "missing"}),
        ({"country": ""}, {"country": "missing"}),
        ({"country": "XX"}, {"country": "unknown"}),
        ({"country": "EU"}, {"country": "unknown"}),
        ({"phone": "call me"}, {"phone": "malformed"}),
        ({"phone": "123"}, {"phone": "malformed"}),
        ({"phone": "+1234567890123456"}, {"phone": "malformed"}),
        ({"phone": ""}, {"phone": "missing"}),
        ({"line2": "x" * 151}, {"line2": "too_long"}),
        ({"country": "FR", "postcode": "x" * 21}, {"postcode": "too_long"}),
        ({"country": "KE", "postcode": "", "region": ""}, {}),
        ({"name": "", "city": ""}, {"name": "missing", "city": "missing"}),
    ],
)
def test_errors_are_told_by_field(change: dict[str, str], error: dict[str, str]) -> None:
    assert wrong(changed(**change)) == error


def test_trimming() -> None:
    messy = changed(
        name="\u3000David \t Lin\u200b\u202e ",
        country=" cn ",
        phone="＋86 21\u00a06321 6888",
        postcode=" 200 002 ",
    )
    assert trim(messy) == SHANGHAI


TEXTS = st.text(max_size=40)


@given(
    st.fixed_dictionaries(dict.fromkeys(Address.__struct_fields__, TEXTS)),
    st.sampled_from([*RULES, "KE", ""]),
)
def test_a_checked_address_checked_again_is_the_same(fields: dict[str, str], country: str) -> None:
    once = check(Address(**{**fields, "country": country or fields["country"]}))
    assert check(once.address) == once
    for field in Address.__struct_fields__:
        value = getattr(once.address, field)
        assert value == value.strip()
        assert "  " not in value
        assert "\0" not in value


@given(st.sampled_from(sorted(RULES)), st.text("0123456789ABCDEFGHJKLMNPRSTVWXYZ- ", max_size=12))
def test_an_accepted_postcode_keeps_its_letters_and_digits(country: str, postcode: str) -> None:
    found = check(changed(country=country, postcode=postcode, region="R"))
    bare = [mark for mark in postcode.upper() if mark.isalnum()]
    assert [mark for mark in found.address.postcode if mark.isalnum()] == bare


async def test_checking_answers_or_refuses(binding: str) -> None:
    async with running("orders", binding=binding) as house:
        orders = house.port(Port)
        assert await orders.check_address(address=changed(name=" David  Lin ")) == SHANGHAI
        with pytest.raises(Refusal) as refused:
            await orders.check_address(address=changed(postcode="x"))
        assert refused.value.code == "address_incomplete"
        assert refused.value.extra["errors"] == [
            {"field": "postcode", "code": "malformed", "message": "postcode is not one of that country"}
        ]


async def test_the_book_keeps_each_address_once_and_the_latest_twenty(binding: str) -> None:
    async with running("orders", binding=binding) as house:
        orders = house.port(Port)
        first = await orders.save_address(account_id="acc_david", address=SHANGHAI)
        paris = await orders.save_address(account_id="acc_david", address=PARIS)
        again = await orders.save_address(account_id="acc_david", address=changed(name="DAVID LIN "))
        assert again.id == first.id
        assert [saved.id for saved in await orders.addresses(account_id="acc_david")] == [first.id, paris.id]
        for number in range(MAX_ADDRESSES - 1):
            await orders.save_address(account_id="acc_david", address=changed(line2=f"Room {number}"))
        kept = await orders.addresses(account_id="acc_david")
        assert len(kept) == MAX_ADDRESSES
        assert paris.id not in [saved.id for saved in kept]
        assert kept[-1].id == first.id
        await orders.forget_address(account_id="acc_kevin", address_id=first.id)
        assert len(await orders.addresses(account_id="acc_david")) == MAX_ADDRESSES
        for _ in range(2):
            await orders.forget_address(account_id="acc_david", address_id=first.id)
        assert len(await orders.addresses(account_id="acc_david")) == MAX_ADDRESSES - 1
        assert await orders.addresses(account_id="acc_kevin") == []


async def test_the_same_address_saved_at_once_is_kept_once() -> None:
    async with running("orders") as house:
        orders = house.port(Port)
        saving = [orders.save_address(account_id="acc_david", address=SHANGHAI) for _ in range(8)]
        assert len({saved.id for saved in await asyncio.gather(*saving)}) == 1
        assert len(await orders.addresses(account_id="acc_david")) == 1


async def test_the_book_over_rest() -> None:
    async with running("orders") as house:
        mine = house.sign_in_as("member", subject="acc_david")
        body: Any = msgspec.to_builtins(SHANGHAI)
        assert (await house.rest.post("/v1/addresses", json=body, headers=mine)).status_code == 400
        keyed = mine | {"idempotency-key": "k1"}
        made = await house.rest.post("/v1/addresses", json=body, headers=keyed)
        assert made.status_code == 201
        again = await house.rest.post("/v1/addresses", json=body, headers=keyed)
        assert again.json() == made.json()
        bad = await house.rest.post(
            "/v1/addresses", json=body | {"postcode": ""}, headers=mine | {"idempotency-key": "k2"}
        )
        assert (bad.status_code, bad.json()["code"], bad.json()["errors"][0]["field"]) == (
            422,
            "address_incomplete",
            "postcode",
        )
        listed = await house.rest.get("/v1/addresses", headers=mine)
        assert [item["id"] for item in listed.json()["items"]] == [made.json()["id"]]
        gone = await house.rest.delete(
            f"/v1/addresses/{made.json()['id']}", headers=mine | {"idempotency-key": "k3"}
        )
        assert gone.status_code == 204
        assert (await house.rest.get("/v1/addresses", headers=mine)).json() == {"items": []}
