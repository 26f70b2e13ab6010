"""Another piece instead of one that is not wanted, as a member sees it."""

from tests.web.design.samples.make import Sayer, Vm, form


def _choice(value: str, label: str, note: str, *, disabled: bool = False) -> Vm:
    return Vm(value=value, label=label, price="¥12,800.00", note=note, disabled=disabled)


def _units(say: Sayer) -> list[Vm]:
    there, last = (
        say("There at this moment", "现在有货", "متوفرة الآن"),
        say("Last piece", "最后一件", "آخر قطعة"),
    )
    gone = say("Sold out", "已售罄", "نفدت")
    return [
        Vm(
            house="Maison Orée",
            name=say("Halo ring, 52", "光环戒指，52", "خاتم هالو، 52"),
            serial="OR-26-00417",
            choices=[
                _choice("1", "50", there),
                _choice("2", "54", last),
                _choice("3", "56", gone, disabled=True),
            ],
        ),
        Vm(house="Orsay", name=say("Silk scarf", "真丝围巾", "وشاح حرير"), serial="SC-26-00001", choices=[]),
    ]


def _choosing(say: Sayer, units: list[Vm], summary: str | None = None) -> Vm:
    return Vm(
        number="LX-7K3M9Q2X",
        order_url="/orders/LX-10402",
        url="/orders/LX-10402/exchange",
        days="30",
        units=units,
        form=form(summary=summary),
    )


def _difference(say: Sayer, summary: str | None = None) -> Vm:
    return Vm(
        number="RT-7K3M9Q2X",
        order_number="LX-7K3M9Q2X",
        order_url="/orders/LX-10402",
        piece=say("Halo ring, 54", "光环戒指，54", "خاتم هالو، 54"),
        owed="¥2,150.00",
        until=say("1 December 2026", "2026年12月1日", "1 ديسمبر 2026"),
        pay_url="/exchanges/run_1/pay",
        money_url="/exchanges/run_1/refund",
        form=form(summary=summary),
    )


def pages(locale: str) -> dict[str, list[tuple[str, Vm]]]:
    say = Sayer(locale)
    sold_out = say(
        "This piece is not to be had for it. Choose another one.",
        "这件商品不能用来交换，请另选一件。",
        "لا يمكن أخذ هذه القطعة بدلاً منها. اختر قطعة أخرى.",
    )
    failed = say("The payment did not go through.", "付款未成功。", "لم تنجح عملية الدفع.")
    return {
        "storefront/account/exchange.html": [
            ("", _choosing(say, _units(say))),
            ("none", _choosing(say, [])),
            ("refused", _choosing(say, _units(say), sold_out)),
        ],
        "storefront/account/exchange_difference.html": [
            ("", _difference(say)),
            ("failed", _difference(say, failed)),
        ],
    }
