"""Samples of the office's shipments, of its tables of delivery and of its appointments."""

from tests.web.design.samples.make import Sayer, Vm, choice, form, link

AT = "2026-11-23 10:12"


def row(say: Sayer, problem: str = "") -> Vm:
    return Vm(
        url="/office/shipments/1",
        number="SH-7Q2X8ZF3",
        order="LX-7K3M9Q2X",
        order_url="/office/orders/1",
        method=say("Express delivery", "特快配送", "توصيل سريع"),
        state=say("Out for delivery", "正在派送", "قيد التسليم"),
        tracking="MP0123456789CN",
        problem=problem,
        changed=AT,
    )


def steps(say: Sayer) -> list[Vm]:
    told = [
        (say("Packed", "已包装", "غُلّفت"), "", "done"),
        (say("Handed over", "已交付承运", "سُلّمت للناقل"), "", "done"),
        (say("On its way", "运送途中", "في الطريق"), "Shanghai · carrier", "todo"),
    ]
    return [Vm(title=title, date=AT, detail=detail, state=state) for title, detail, state in told]


def _views(say: Sayer) -> list[Vm]:
    return [
        link(say("To pack", "待包装", "للتغليف"), "/office/shipments?shown=to_pack", current=True),
        link(say("Needs somebody", "需要人处理", "يحتاج إلى أحد"), "/office/shipments?shown=troubled"),
        link(say("Packed", "已包装", "غُلّفت"), "/office/shipments?shown=packed"),
    ]


def _detail(say: Sayer, **changes: object) -> Vm:
    values = {
        "row": row(say),
        "carrier": "Meridian Parcel",
        "needs_person": False,
        "booking": say("Booked", "已预订", "محجوز"),
        "packed": AT,
        "units": ["OR-26-00417", "OR-26-00418"],
        "label_url": "/office/shipments/1/label",
        "steps": steps(say),
        "can_hand_over": False,
        "can_book": False,
        "can_call_off": False,
        "can_ask": True,
        "moves": [
            choice("delivered", say("Delivered", "已送达", "سُلّم")),
            choice("exception", say("Held up", "受阻", "تعطّل")),
        ],
        "url": "/office/shipments/1",
        "form": form(),
    }
    return Vm(**(values | changes))


def _pack(say: Sayer) -> list[tuple[str, Vm]]:
    values = {
        "number": "LX-7K3M9Q2X",
        "order_url": "/office/orders/1",
        "url": "/office/orders/1/pack",
        "address": say("Lin Weiran, 1 Zhongshan Dong Yi Lu, Shanghai, CN", "林蔚然，上海市中山东一路1号，CN", "ليلى الحربي، الرياض، SA"),
        "gift": say("For ten years", "致十年", "لعشر سنوات"),
        "methods": [
            choice("standard", say("Standard delivery", "标准配送", "توصيل عادي")),
            choice("express", say("Express delivery", "特快配送", "توصيل سريع")),
        ],
        "form": form({"method": "express"}),
    }  # fmt: skip
    units = [
        choice("var_1 OR-26-00417", "Évening clutch · OR-26-00417"),
        choice("var_1 B", "Halo · OR-26-00418"),
    ]
    return [("", Vm(units=units, **values)), ("nothing", Vm(units=[], **values))]


def _delivery(say: Sayer) -> list[tuple[str, Vm]]:
    sheet = "Method,Country,Currency,Price\nstandard,*,*,0\nexpress,CN,CNY,80.00\n"
    views = [
        link(say("Ways of delivery", "配送方式", "طرق التوصيل"), "/office/delivery", current=True),
        link(say("Duties and taxes", "关税与税费", "الرسوم والضرائب"), "/office/delivery?shown=taxes"),
        link(say("Appointments", "预约", "المواعيد"), "/office/appointments"),
    ]
    values = {
        "title": views[0].label,
        "views": views,
        "url": "/office/delivery/delivery",
        "longest": 4_000_000,
    }
    wrong = form({"sheet": sheet}, summary=say("The table has faults.", "表格有误。", "في الجدول أخطاء."))
    faults = [Vm(row=3, column="Price", message="'eighty' is not an amount")]
    return [
        ("", Vm(faults=[], form=form({"sheet": sheet}), **values)),
        ("faults", Vm(faults=faults, form=wrong, **values)),
    ]


def _appointments(say: Sayer) -> list[tuple[str, Vm]]:
    day = say("Tuesday, 1 December 2026", "2026年12月1日星期二", "الثلاثاء، 1 ديسمبر 2026")
    glove = say("White-glove delivery", "白手套配送", "توصيل بالقفاز الأبيض")
    values = {
        "day": day,
        "days": [
            link(f"{number} Dec", f"/office/appointments?day=2026-12-0{number}") for number in range(1, 8)
        ],
        "methods": [choice("white_glove", glove)],
        "form": form({"day": "2026-12-01"}),
    }
    booked = [
        Vm(
            time="10:00–12:00", place="CN-Shanghai", method=glove, order="ord_1", order_url="/office/orders/1"
        ),
        Vm(time="14:00–16:00", place="CN-Shanghai", method=glove, order="", order_url=None),
    ]
    there = [Vm(day=day, time="10:00–12:00", place="CN-Shanghai", method=glove, taken="1", capacity="3")]
    return [
        ("", Vm(appointments=booked, capacities=there, **values)),
        ("empty", Vm(appointments=[], capacities=[], **values)),
    ]


def pages(locale: str) -> dict[str, list[tuple[str, Vm]]]:
    say = Sayer(locale)
    waiting = Vm(
        url="/office/orders/1/pack",
        number="LX-7K3M9Q2X",
        paid=AT,
        country="CN",
        method=say("Standard delivery", "标准配送", "توصيل عادي"),
        pieces=2,
        deliver_on="2026-12-01",
    )
    no = say("The carrier said no", "承运方拒绝", "رفض الناقل")
    return {
        "office/shipments.html": [
            ("to_pack", Vm(views=_views(say), orders=[waiting], rows=[], pages=None)),
            ("", Vm(views=_views(say), orders=[], rows=[row(say), row(say, no)], pages=None)),
            ("empty", Vm(views=_views(say), orders=[], rows=[], pages=None)),
        ],
        "office/shipment.html": [
            ("", _detail(say)),
            ("packed", _detail(say, can_hand_over=True, can_call_off=True, can_ask=False, moves=[])),
            (
                "refused",
                _detail(
                    say,
                    row=row(say, no),
                    needs_person=True,
                    can_book=True,
                    can_call_off=True,
                    label_url=None,
                    moves=[],
                ),
            ),
        ],
        "office/pack.html": _pack(say),
        "office/delivery.html": _delivery(say),
        "office/appointments.html": _appointments(say),
    }
