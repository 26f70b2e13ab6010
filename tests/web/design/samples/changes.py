"""Taking pieces out of an order, as a member and as an operator see it."""

from tests.web.design.samples.make import Sayer, Vm, choice, form


def _lines(say: Sayer) -> list[Vm]:
    out = choice("0", say("Take it out", "取出", "أخرجها"))
    return [
        Vm(
            field="keep_var_1",
            name="Évening clutch",
            house="Maison Orée",
            detail=say("Black", "黑色", "أسود"),
            price="¥12,800.00",
            choices=[choice("1", "1", current=True), out],
            kept="1",
        ),
        Vm(
            field="keep_var_2",
            name=say("Silk scarf", "真丝围巾", "وشاح حرير"),
            house="Orsay",
            detail="",
            price="¥1,500.00",
            choices=[choice("2", "2"), choice("1", "1", current=True), out],
            kept="1",
        ),
    ]


def _row(label: str, before: str, after: str, note: str = "") -> Vm:
    return Vm(label=label, before=before, after=after, same=before == after, note=note)


def _preview(say: Sayer) -> Vm:
    lost = say(
        "What is left does not reach this discount.",
        "余下的作品未达到此优惠的条件。",
        "ما يبقى لا يبلغ شرط هذا الخصم.",
    )
    return Vm(
        rows=[
            _row("Évening clutch, 1", "¥12,800.00", "¥12,800.00"),
            _row(say("Silk scarf, 2 → 1", "真丝围巾, 2 → 1", "وشاح حرير, 2 → 1"), "¥3,000.00", "¥1,500.00"),
            _row(say("Spring", "春季", "الربيع"), "-¥100.00", "¥0.00", lost),
        ],
        before="¥15,700.00",
        after="¥14,300.00",
        refund="¥1,400.00",
        ways=[
            Vm(
                label=say("With our payment provider", "通过我们的支付服务商", "عبر مزوّد الدفع لدينا"),
                value="¥1,400.00",
                note="",
                sum=False,
            )
        ],
        points=[
            say(
                "Points that this order had earned and go: 1,400",
                "此订单所得并将收回的积分：1,400",
                "نقاط كسبها هذا الطلب وتذهب: 1,400",
            )
        ],
        expected="140000",
    )


def _page(say: Sayer, here: str, *, seen: bool, by_house: bool, summary: str | None = None) -> Vm:
    return Vm(
        number="LX-7K3M9Q2X",
        order_url=here,
        url=f"{here}/change",
        confirm_url=f"{here}/changes",
        lines=_lines(say),
        preview=_preview(say) if seen else None,
        needs_reason=by_house,
        form=form(summary=summary),
    )


def pages(locale: str) -> dict[str, list[tuple[str, Vm]]]:
    say = Sayer(locale)
    wrong = say(
        "Nothing would be left. Cancel the order instead; nothing has changed.",
        "订单中将不再有任何作品。请改为取消订单；一切照旧。",
        "لن يبقى شيء. ألغِ الطلب بدلًا من ذلك؛ لم يتغير شيء.",
    )
    return {
        template: [
            ("", _page(say, here, seen=False, by_house=by_house)),
            ("seen", _page(say, here, seen=True, by_house=by_house)),
            ("refused", _page(say, here, seen=False, by_house=by_house, summary=wrong)),
        ]
        for template, here, by_house in (
            ("storefront/account/order_change.html", "/orders/LX-10402", False),
            ("office/order_change.html", "/office/orders/1", True),
        )
    }
