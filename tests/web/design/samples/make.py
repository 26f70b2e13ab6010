"""The small makers the samples share: view models as plain objects, pictures, prices and the chrome around a page."""

from types import SimpleNamespace as Vm

from luxe.kernel.i18n import LOCALES
from luxe.web.design.locales import offered


class Sayer:
    """Chooses the wording of sample data by locale, as the catalogue's localised documents would."""

    def __init__(self, locale: str) -> None:
        self.locale = locale

    def __call__(self, en: str, zh: str = "", ar: str = "") -> str:
        return {"zh-CN": zh, "ar": ar}.get(self.locale, en) or en


def form(
    data: dict[str, str] | None = None, errors: dict[str, str] | None = None, summary: str | None = None
) -> Vm:
    return Vm(data=data or {}, errors=errors or {}, summary=summary)


def link(label: str, url: str, current: bool = False) -> Vm:
    return Vm(label=label, url=url, current=current)


def choice(value: str, label: str, current: bool = False) -> Vm:
    return Vm(value=value, label=label, current=current, disabled=False)


def card(
    value: str, label: str, detail: str = "", aside: str = "", current: bool = False, disabled: bool = False
) -> Vm:
    return Vm(value=value, label=label, detail=detail, aside=aside, current=current, disabled=disabled)


def picture(name: str, alt: str, width: int = 1200, height: int = 1500, colour: str = "#f3f1ed") -> Vm:
    return Vm(src=f"/demo/{name}.webp", sources=[], width=width, height=height, colour=colour, alt=alt)


def price(text: str, before: str | None = None, note: str | None = None) -> Vm:
    return Vm(text=text, before=before, note=note)


def chrome(
    locale: str, *, tier: str | None = "silver", member: str | None = "Lin Weiran", bag: int = 2
) -> Vm:
    say = Sayer(locale)
    pages = [
        link(say("New", "新到", "الجديد"), "/pieces?sort=new"),
        link(say("Bags", "手袋", "الحقائب"), "/pieces/bags", current=True),
        link(say("Jewellery", "珠宝", "المجوهرات"), "/pieces/jewellery"),
        link(say("Watches", "腕表", "الساعات"), "/pieces/watches"),
        link(say("Houses", "世家", "الدور"), "/houses"),
    ]
    return Vm(
        locale=locale,
        direction="rtl" if LOCALES[locale].rtl else "ltr",
        tier=tier,
        nonce="sample",
        path="/",
        member=member,
        bag_count=bag,
        navigation=pages,
        languages=[choice(each.tag, each.name, each.tag == locale) for each in offered()],
        currencies=[choice(code, code, code == "CNY") for code in ("CNY", "EUR", "USD", "JPY")]
        if tier
        else [],
        notices=[],
    )
