"""Nobody outside sees more than the gate: not a name, price, picture, count or suggestion."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.journeys.guest import Guest
from tests.journeys.opened import OpenHouse

PAGES = (
    "/pieces", "/pieces/watches", "/pieces/nothing", "/piece/ruban-twilly", "/piece/nothing", "/houses", "/houses/serradine",
    "/houses/nothing", "/search?q=watch", "/search?q=zzzz", "/search/suggest?q=wa", "/bag", "/checkout", "/orders",
    "/orders/ord_nothing", "/account", "/nothing", "/editorial/home.webp", "/editorial/nothing.webp",
)  # fmt: skip
REST = (
    "/v1/products", "/v1/products/ruban-twilly", "/v1/products/nothing", "/v1/categories", "/v1/brands",
    "/v1/search?text=watch", "/v1/search/suggestions?text=wa", "/v1/orders", "/v1/bag", "/v1/me", "/v1/audit",
)  # fmt: skip


def _words_of_the_house(house: OpenHouse) -> list[str]:
    titles = house.rows("SELECT DISTINCT name AS word FROM brands.brands")
    return [row.word for row in titles if row.word not in ("LUXE",)]


@pytest.mark.parametrize("path", PAGES)
def test_a_stranger_is_led_to_the_door_whatever_is_behind_it(house: OpenHouse, path: str) -> None:
    answer = Guest(house).get(path)
    assert answer.url.path == "/"
    assert "By invitation" in answer.text
    for word in _words_of_the_house(house):
        assert word not in answer.text


@pytest.mark.parametrize("path", REST)
def test_machines_without_a_key_are_told_the_same_everywhere(house: OpenHouse, path: str) -> None:
    answer = httpx.get(house.url + path)
    body = answer.json()
    body.pop("request_id")
    assert (answer.status_code, body["code"]) == (401, "unauthenticated")
    reference = httpx.get(house.url + "/v1/products").json()
    reference.pop("request_id")
    assert body == reference


def test_media_answers_a_stranger_alike_whether_it_exists_or_not(house: OpenHouse) -> None:
    asset = house.rows("SELECT id FROM media.assets LIMIT 1")[0].id
    real = httpx.get(f"{house.url}/media/{asset}/640.webp")
    none = httpx.get(f"{house.url}/media/asset_01jd0000000000000000000000/640.webp")
    assert real.status_code == none.status_code
    assert real.status_code in (401, 404)
    assert len(real.content) == len(none.content)


def test_an_applicant_sees_no_more_than_a_stranger(house: OpenHouse) -> None:
    guest = Guest(house)
    guest.join_with_password("Somebody Waiting", "waiting@luxe.example", "quiet morning light 27")
    for path in PAGES:
        answer = guest.get(path)
        assert answer.url.path in ("/join/application", "/") or answer.status_code == 404, path
        assert not re.search(r"/media/|/piece/", answer.text)


def test_a_wrong_code_tells_nothing(house: OpenHouse) -> None:
    answers = set()
    right = house.logins["a guest"]["where"].partition("=")[2]
    nearly = right[:-1] + ("1" if right[-1] == "0" else "0")
    for code in ("WRONG", "0" * 40, "' OR 1=1 --", nearly):
        guest = Guest(house)
        page = guest.submit(guest.get("/"), "/gate", code=code)
        text = re.search(r'<p class="field-error"[^>]*>([^<]*)</p>', page.text)
        assert text
        answers.add((page.status_code, text.group(1)))
    assert len(answers) == 1
