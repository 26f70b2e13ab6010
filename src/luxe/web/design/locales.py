"""Which languages the pages can be offered in: those whose catalogue of the house's own words exists.

The others of the kernel's twelve locales fall back to English and are not in the switch.
"""

from pathlib import Path

from luxe.kernel.i18n import LOCALES, SOURCE, Catalogue, LocaleInfo, catalogue

CATALOGUES = Path(__file__).parents[1] / "locale"


def words(tag: str) -> Catalogue:
    """The catalogue of templates and pages in a locale; unknown messages stay English."""
    return catalogue(tag, CATALOGUES)


def offered() -> list[LocaleInfo]:
    """The locales a person may choose, in the order of the switch."""
    folders = {path.parent.parent.name for path in CATALOGUES.glob("*/LC_MESSAGES/luxe.po")}
    return [info for tag, info in LOCALES.items() if tag == SOURCE or _folder(info) in folders]


def _folder(info: LocaleInfo) -> str:
    return info.babel.removesuffix("_CN").removesuffix("_TW")
