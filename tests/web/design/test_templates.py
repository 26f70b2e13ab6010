"""Every template renders with its sample in every language, and keeps the rules that scripts and laws depend on."""

import re
from pathlib import Path

import pytest

from luxe.web.design.environment import FOLDERS, Templates
from tests.web.design.samples.registry import LOCALES, Sample, render, samples, templates

ALL = [sample for locale in LOCALES for sample in samples(locale)]
FORM = re.compile(r"<form\b[^>]*method=\"post\".*?</form>", re.DOTALL)
PAGES = {"storefront", "office"}


@pytest.fixture(scope="module")
def pages() -> Templates:
    return templates()


@pytest.fixture(scope="module")
def rendered(pages: Templates) -> dict[Sample, str]:
    return {sample: render(pages, sample) for sample in ALL}


def files() -> dict[str, Path]:
    return {
        f"{name}/{path.relative_to(folder)}": path
        for name, folder in FOLDERS.items()
        for path in folder.rglob("*.html")
    }


def test_every_page_template_has_a_sample() -> None:
    pages = {name for name in files() if name.split("/")[0] in PAGES}
    assert pages - {sample.template for sample in ALL} == set()


def test_every_page_template_says_what_it_expects() -> None:
    silent = [
        name
        for name, path in files().items()
        if name.split("/")[0] in PAGES and not path.read_text().startswith(("{# page:", "{# fragment:"))
    ]
    assert silent == []


def test_posts_carry_an_idempotency_key_of_their_own(rendered: dict[Sample, str]) -> None:
    for sample, html in rendered.items():
        forms = FORM.findall(html)
        keys = [re.findall(r'name="idempotency_key" value="([^"]+)"', form) for form in forms]
        assert all(len(found) == 1 for found in keys), sample.name
        assert len({found[0] for found in keys}) == len(forms), sample.name


def test_the_content_policy_can_be_strict(rendered: dict[Sample, str]) -> None:
    for sample, html in rendered.items():
        assert not re.search(r"<[^>]+\sstyle=", html), sample.name
        assert not re.search(r"<[^>]+\son\w+=", html), sample.name
        assert not re.search(r"<script(?![^>]*nonce=)", html), sample.name


def test_nothing_points_outside(rendered: dict[Sample, str]) -> None:
    for sample, html in rendered.items():
        assert re.findall(r'(?:src|href|action|srcset)="(?:https?:)?//[^"]*"', html) == [], sample.name


def test_each_page_is_whole(rendered: dict[Sample, str]) -> None:
    for sample, html in rendered.items():
        if "suggestions" in sample.name:
            continue
        assert len(re.findall(r"<h1\b", html)) == 1, sample.name
        assert re.search(r'<html lang="[^"]+" dir="(ltr|rtl)"', html), sample.name
        assert html.count('id="main"') == 1, sample.name


def test_identifiers_are_unique(rendered: dict[Sample, str]) -> None:
    for sample, html in rendered.items():
        ids = re.findall(r'\sid="([^"]+)"', html)
        assert sorted(ids) == sorted(set(ids)), sample.name


def test_withdrawal_and_privacy_are_reachable_from_every_page(rendered: dict[Sample, str]) -> None:
    for sample, html in rendered.items():
        if sample.template.startswith("storefront/") and "suggestions" not in sample.name:
            assert 'href="/privacy"' in html, sample.name
            assert 'href="/withdrawal"' in html, sample.name


def test_strangers_see_no_shop(pages: Templates) -> None:
    for sample in ALL:
        if "/door/" in sample.template or "/errors/" in sample.template:
            html = render(pages, sample, tier=None)
            assert "/pieces" not in html, sample.name
            assert "/search" not in html, sample.name
            assert "/houses" not in html, sample.name


def test_pages_turn_dark_for_black_members(pages: Templates) -> None:
    home = next(sample for sample in ALL if sample.template.endswith("home.html"))
    assert 'data-tier="black"' in render(pages, home, tier="black")


def test_a_missing_name_is_an_error(pages: Templates) -> None:
    home = next(sample for sample in ALL if sample.template.endswith("home.html"))
    with pytest.raises(Exception, match="chrome"):
        pages.render(home.template, locale="en", page=home.page)
