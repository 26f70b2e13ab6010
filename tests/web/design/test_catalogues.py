"""The words of the house exist in Chinese and Arabic, whole, with the same blanks to fill."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from luxe.web.design.locales import CATALOGUES, offered, words

WEB = Path(__file__).parents[3] / "src" / "luxe" / "web"
TRANSLATED = {"zh_Hans": "zh_Hans_CN", "ar": "ar"}
BLANK = re.compile(r"%\(\w+\)[sd]")
METHODS = [("**.html", "jinja2"), ("**.py", "python")]
OPTIONS = {"**.html": {"trim_blocks": "true", "lstrip_blocks": "true", "newstyle_gettext": "true"}}


def said() -> set[str | tuple[str, ...]]:
    """Every message of the templates and the pages."""
    found = extract_from_dir(WEB, method_map=METHODS, options_map=OPTIONS)
    return {message if isinstance(message, str) else tuple(message[:2]) for _, _, message, _, _ in found}


def catalogue(folder: str) -> Catalog:
    with (CATALOGUES / folder / "LC_MESSAGES" / "luxe.po").open("rb") as file:
        return read_po(file, locale=TRANSLATED[folder])


def strings(message: object) -> list[str]:
    return list(message) if isinstance(message, (tuple, list)) else [str(message)]


@pytest.mark.parametrize("folder", TRANSLATED)
def test_every_message_is_translated(folder: str) -> None:
    known = catalogue(folder)
    missing = []
    for message in said():
        found = known.get(message if isinstance(message, str) else message[0])
        if not found or not all(strings(found.string)):
            missing.append(message)
    assert missing == []


@pytest.mark.parametrize("folder", TRANSLATED)
def test_translations_fill_the_same_blanks(folder: str) -> None:
    for message in catalogue(folder):
        if isinstance(message.id, str) and message.id:
            assert sorted(BLANK.findall(message.id)) == sorted(BLANK.findall(str(message.string))), message.id


@pytest.mark.parametrize(("folder", "forms"), [("zh_Hans", 1), ("ar", 6)])
def test_plurals_have_every_form_of_the_language(folder: str, forms: int) -> None:
    plurals = [message for message in catalogue(folder) if isinstance(message.id, tuple)]
    assert plurals
    assert {len(strings(message.string)) for message in plurals} == {forms}


@pytest.mark.parametrize("folder", TRANSLATED)
def test_nothing_is_left_over(folder: str) -> None:
    ids = {
        message.id if isinstance(message.id, str) else tuple(message.id)
        for message in catalogue(folder)
        if message.id
    }
    assert ids - said() == set()


def test_the_house_does_not_shout() -> None:
    assert [message for message in said() if any("!" in text for text in strings(message))] == []


def test_the_switch_offers_what_is_complete() -> None:
    assert [info.tag for info in offered()] == ["en", "zh-CN", "ar"]


def test_arabic_counts_in_its_own_way() -> None:
    spoken = words("ar")
    counted = [spoken.ngettext("%(num)d piece", "%(num)d pieces", number) for number in (1, 2, 3, 11)]
    assert counted == ["قطعة واحدة", "قطعتان", "%(num)d قطع", "%(num)d قطعة"]
