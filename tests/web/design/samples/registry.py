"""Every page of the samples, with the person it is shown to."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from luxe.web.design.environment import Templates
from tests.web.design.samples import (
    account,
    changes,
    door,
    exchanges,
    office,
    office_cases,
    office_points,
    office_runs,
    office_shipments,
    office_stock,
    shop,
    transfers,
)
from tests.web.design.samples.make import Vm, chrome

LOCALES = ("en", "zh-CN", "ar")
_numbers = count(1)


@dataclass(frozen=True, eq=False)
class Sample:
    """One template in one state; `name` is fit for a file."""

    template: str
    state: str
    page: Vm
    locale: str

    @property
    def name(self) -> str:
        stem = self.template.removesuffix(".html").replace("/", "-")
        return f"{stem}-{self.state}" if self.state else stem


def samples(locale: str) -> Iterator[Sample]:
    """All templates in all their states."""
    for part in (
        door,
        shop,
        account,
        changes,
        exchanges,
        office,
        office_cases,
        office_points,
        office_runs,
        office_shipments,
        office_stock,
        transfers,
    ):
        for template, states in part.pages(locale).items():
            for state, page in states:
                yield Sample(template, state, page, locale)
    yield Sample("design/kit.html", "", Vm(), locale)


def templates() -> Templates:
    """The real environment with predictable keys."""
    return Templates(new_key=lambda: f"key-{next(_numbers)}")


def render(pages: Templates, sample: Sample, *, tier: str | None = "silver") -> str:
    """The page as a member would get it; the door is shown to a stranger."""
    outside = "/door/" in sample.template
    around = chrome(
        sample.locale, tier=None if outside else tier, member=None if "gate" in sample.name else "Lin Weiran"
    )
    if sample.template.startswith("office/"):
        around.navigation = office.navigation(sample.locale)
    return pages.render(sample.template, locale=sample.locale, chrome=around, page=sample.page)
