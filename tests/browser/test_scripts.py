"""The pages on which people pay load the scripts of the inventory, with the digests that stand there, and no others."""

from __future__ import annotations

import base64
import hashlib
import re

from playwright.sync_api import Response

from tests.browser.person import Person
from tests.journeys.guest import Operator
from tests.journeys.opened import OpenHouse

STEPS = ("/bag", "/checkout?step=address", "/checkout?step=delivery", "/checkout?step=points", "/checkout")


def test_pages_of_the_checkout_load_the_inventoried_scripts_alone(house: OpenHouse, member: Person) -> None:
    listed = {each["url"]: each for each in Operator(house).get("/office/scripts.json").json()}
    loaded: dict[str, str] = {}

    def note(answer: Response) -> None:
        if answer.request.resource_type == "script":
            digest = base64.b64encode(hashlib.sha384(answer.body()).digest()).decode()
            loaded[answer.url.removeprefix(house.url)] = f"sha384-{digest}"

    member.page.on("response", note)
    member.page.goto("/piece/ruban-twilly")
    member.page.locator("form[action$='/bag/lines'] button[type=submit]").first.click()
    loaded.clear()
    for step in STEPS:
        member.page.goto(step)
        member.page.wait_for_load_state("networkidle")
        written = member.page.locator("script").evaluate_all(
            "all => all.map(each => [each.src, each.integrity, each.text])"
        )
        for address, integrity, text in written:
            assert (listed[address.removeprefix(house.url)]["integrity"], "") == (integrity, text)
    assert loaded == {url: listed[url]["integrity"] for url in loaded}
    assert {url for url, each in listed.items() if each["at_once"]} <= set(loaded)
    assert all(each["source"] and each["why"] for each in listed.values())


def test_only_scripts_of_ours_with_the_answers_nonce_may_run(house: OpenHouse, member: Person) -> None:
    seen = set()
    for step in STEPS:
        answer = member.page.goto(step)
        assert answer is not None
        policy = answer.headers["content-security-policy"]
        found = re.search(r"script-src ([^;]+)", policy)
        assert found
        assert re.fullmatch(r"'self' 'nonce-[\w-]{20,}' 'wasm-unsafe-eval'", found[1]), found[1]
        assert "unsafe-inline" not in policy
        seen.add(found[1])
    assert len(seen) == len(STEPS), "each answer has a nonce of its own"
