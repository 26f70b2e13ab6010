"""Samples of the office's cases: where the provider's statements and the books differ."""

from tests.web.design.samples.door import steps
from tests.web.design.samples.make import Sayer, Vm, choice, form, link


def pages(locale: str) -> dict[str, list[tuple[str, Vm]]]:
    """Template name → the states it is shown in."""
    say = Sayer(locale)
    views = [
        link(say("Unresolved", "待处理", "غير محلول"), "/office/cases", True),
        link(say("Resolved", "已处理", "محلول"), "/office/cases?shown=resolved"),
    ]
    kind = say("Missing in our books", "我方账目中缺失", "غير موجود في دفاترنا")
    rows = [
        Vm(
            url=f"/office/cases/{number}",
            kind=kind,
            reference="re_01JD7Q4Z",
            day="2026-11-21",
            ours="–",
            theirs="¥28,400",
            needs_person=True,
            state=say("Unresolved", "待处理", "غير محلول"),
        )
        for number in range(3)
    ]
    detail = Vm(
        id="cas_1",
        kind=kind,
        state=say("Unresolved", "待处理", "غير محلول"),
        resolved=False,
        facts=[
            Vm(label=say("Day", "日期", "اليوم"), value="2026-11-21"),
            Vm(label=say("The provider's statement", "支付机构账单", "كشف المزوّد"), value="¥28,400"),
            Vm(label=say("Reference", "编号", "المرجع"), value="re_01JD7Q4Z"),
        ],
        steps=steps(say)[:1],
        by="",
        choices=[choice("explained", say("Explained", "已查明", "فُسّر"))],
        form=form(),
    )
    ended = Vm(**vars(detail))
    ended.resolved, ended.by = True, "Sun Li"
    return {
        "office/cases.html": [
            ("", Vm(views=views, shown="open", rows=rows, pages=None)),
            ("empty", Vm(views=views, shown="open", rows=[], pages=None)),
            ("none resolved", Vm(views=views, shown="resolved", rows=[], pages=None)),
        ],
        "office/case.html": [("", detail), ("resolved", ended)],
    }
