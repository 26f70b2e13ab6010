"""The pages in a real browser: nothing too wide, nothing axe finds serious, nothing from outside, and islands that work."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Route

from luxe.web.site import security_headers
from tests.web.design.camera import NARROW, WIDE, Looker, chromium, served, write
from tests.web.design.samples.registry import samples

KEY = re.compile(r"key-\d+")
LOOKED_AT = (
    "gate",
    "join_account",
    "application",
    "home",
    "list",
    "piece",
    "bag",
    "checkout-address",
    "account-account",
    "account-security",
    "order-fresh",
    "error-404",
    "office-application",
    "office-runs",
    "office-invitations",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[str], Browser]]:
    folder = tmp_path_factory.mktemp("site")
    chosen = [
        sample
        for locale in ("en", "ar")
        for sample in samples(locale)
        if sample.name.endswith(LOOKED_AT) or "gate" in sample.name
    ]
    written = write(folder, chosen)
    with served(folder) as address, chromium() as browser:
        yield address, list(written), browser


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_pages_hold_at_every_width(site: tuple[str, list[str], Browser], width: int) -> None:
    address, names, browser = site
    looker = Looker(browser, address, width)
    for name in names:
        looker.open(name)
        looker.inspect(name)
    assert names
    assert looker.faults == []


def test_sheets_open_with_the_keyboard_and_give_the_focus_back(site: tuple[str, list[str], Browser]) -> None:
    address, _, browser = site
    page = Looker(browser, address, NARROW).open("storefront-shop-list.en")
    opener = page.get_by_role("button", name="Filter")
    opener.focus()
    page.keyboard.press("Enter")
    assert page.locator("#filters").is_visible()
    assert page.evaluate("document.activeElement.closest('#filters') !== null")
    page.keyboard.press("Escape")
    page.locator("#filters").wait_for(state="hidden", timeout=2_000)
    assert opener.evaluate("element => element === document.activeElement")


def test_choosing_a_variant_shows_its_availability(site: tuple[str, list[str], Browser]) -> None:
    address, _, browser = site
    page = Looker(browser, address, WIDE).open("storefront-shop-piece.en")
    page.evaluate(
        "document.querySelector('input[name=variant][value=var_2]').dataset.availability = 'One in Paris'"
    )
    page.locator("label", has_text="Bone").click()
    assert page.locator(".availability").inner_text() == "One in Paris"


def test_a_picture_can_be_enlarged_and_put_away(site: tuple[str, list[str], Browser]) -> None:
    address, _, browser = site
    page = Looker(browser, address, WIDE).open("storefront-shop-piece.en")
    page.locator(".gallery-open").first.click()
    page.locator("dialog.zoom").wait_for(state="visible")
    page.keyboard.press("Escape")
    page.locator("dialog.zoom").wait_for(state="detached")


def test_a_form_is_sent_once(site: tuple[str, list[str], Browser]) -> None:
    address, _, browser = site
    page = Looker(browser, address, WIDE).open("storefront-door-gate-invited.en")
    sent: list[str] = []
    page.route("**/gate", lambda route: sent.append(route.request.method))
    page.get_by_label("Invitation code").fill("LX-1")
    page.evaluate(
        "() => { const f = document.querySelector('form[action=\"/gate\"]'); f.requestSubmit(); f.requestSubmit(); }"
    )
    page.wait_for_timeout(200)
    assert sent == ["POST"]


def test_the_page_works_without_script(site: tuple[str, list[str], Browser]) -> None:
    address, _, browser = site
    page = browser.new_page(java_script_enabled=False)
    page.goto(f"{address}/storefront-shop-piece.en.html")
    form = page.locator('form[action="/bag/lines"]')
    assert form.get_by_role("button", name="Add to bag").is_enabled()
    assert not page.locator("[data-island=model]").is_visible()


def test_the_model_viewer_loads_its_parts_from_here(site: tuple[str, list[str], Browser]) -> None:
    address, _, browser = site
    looker = Looker(browser, address, WIDE)
    page = looker.open("storefront-shop-piece.en")
    with page.expect_request("**/model-viewer-*.js"):
        page.get_by_role("button", name="View in 3D").click()
    page.wait_for_function("window.customElements.get('model-viewer') !== undefined")
    page.wait_for_timeout(300)
    assert [fault for fault in looker.faults if "origin" in fault] == []


def test_a_stream_that_fails_becomes_polling(site: tuple[str, list[str], Browser]) -> None:
    address, _, browser = site
    page = browser.new_page()
    page.route("**/events", lambda route: route.fulfill(status=503))
    page.route(
        "**/status",
        lambda route: route.fulfill(json={"text": "Done", "location": "/storefront-shop-home.en.html"}),
    )
    page.goto(f"{address}/storefront-shop-bag.en.html")
    page.evaluate("""() => { document.querySelector('main').innerHTML = '<div data-island="progress" data-events="/events" data-status="/status"><p data-progress-text></p></div>';
        document.dispatchEvent(new Event('htmx:after:swap')); }""")
    page.wait_for_url("**/storefront-shop-home.en.html", timeout=15_000)


def test_a_refused_suggestion_changes_nothing(site: tuple[str, list[str], Browser]) -> None:
    address, _, browser = site
    page = Looker(browser, address, WIDE).open("storefront-shop-home.en")
    page.route("**/search/suggest*", lambda route: route.fulfill(status=401, body="<h1>Signed out</h1>"))
    page.keyboard.press("/")
    with page.expect_response("**/search/suggest*"):
        page.keyboard.type("arc")
    page.wait_for_timeout(200)
    assert page.locator("#suggestions").inner_html() == ""


def test_a_refused_bag_line_is_said_on_a_page_of_its_own(site: tuple[str, list[str], Browser]) -> None:
    address, _, browser = site
    page = Looker(browser, address, WIDE).open("storefront-shop-piece.en")
    keys: list[str] = []

    def refuse(route: Route) -> None:
        keys.append(route.request.post_data or "")
        route.fulfill(
            status=409,
            content_type="text/html",
            body="<title>Moved</title><h1>Something moved meanwhile</h1>",
        )

    page.route("**/bag/lines", refuse)
    page.get_by_role("button", name="Add to bag").click()
    page.wait_for_selector("h1:has-text('Something moved meanwhile')")
    assert len(keys) == 2
    assert KEY.findall(keys[0]) == KEY.findall(keys[1]) != []


def test_adding_to_the_bag_changes_the_count_alone(site: tuple[str, list[str], Browser]) -> None:
    address, _, browser = site
    page = Looker(browser, address, WIDE).open("storefront-shop-piece.en")
    answer = '<a id="bag-link" href="/bag">Bag 3</a><main>Bag</main><div class="notices" id="notices"><div class="notice">It is in your bag.</div></div>'
    page.route("**/bag/lines", lambda route: route.fulfill(content_type="text/html", body=answer))
    page.get_by_role("button", name="Add to bag").click()
    page.wait_for_selector("#bag-link:has-text('Bag 3')")
    assert page.locator("#notices").inner_text() == "It is in your bag."
    assert page.locator("h1").inner_text() == "Arcade 28"


def test_pages_obey_the_content_policy(site: tuple[str, list[str], Browser]) -> None:
    address, names, browser = site
    looker = Looker(browser, address, WIDE)
    said: list[str] = []
    looker.page.on(
        "console", lambda message: said.append(message.text) if "Content Security" in message.text else None
    )

    def guard(route: Route) -> None:
        answer = route.fetch()
        policy = security_headers("sample")["content-security-policy"]
        route.fulfill(response=answer, headers={**answer.headers, "content-security-policy": policy})

    looker.page.route("**/*.html", guard)
    for name in names:
        looker.open(name)
    assert said == []
