"""Samples of the office's stock: the list, one piece with its units and forms, and the places where pieces are kept."""

from tests.web.design.samples.make import Sayer, Vm, choice, form

LONG_SERIAL = "CK-2026-0000184-PINK-GOLD-SPECIMEN"


def paging(base: str) -> Vm:
    """As `cursor_pages` answers on a page between two others."""
    return Vm(previous_url=base, next_url=f"{base}?cursor=abc", items=[])


def long_name(say: Sayer) -> str:
    return say(
        "Perpetual calendar chronograph with moon phases and minute repeater, limited edition of the house's jubilee",
        "月相万年历三问计时腕表，世家周年纪念限量珍藏版，附手工缝制鳄鱼皮表带与备用表带",
        "ساعة كرونوغراف بتقويم دائم وأطوار القمر ومكرّر الدقائق، إصدار محدود بمناسبة يوبيل الدار",
    )


def listed(say: Sayer) -> list[tuple[str, Vm]]:
    none = {"on_hand": "0", "held": "0", "in_transit": "0", "expected": "0", "available": "0"}
    some = {"on_hand": "12", "held": "2", "in_transit": "3", "expected": "5", "available": "15"}
    many = {
        "on_hand": "10,000",
        "held": "1,204",
        "in_transit": "600",
        "expected": "2,500",
        "available": "11,296",
    }
    size = say("Size 52", "52 号", "مقاس 52")
    rows = [
        Vm(url="/office/stock/var_1", name=say("Small tote", "小号托特包", "حقيبة توت صغيرة"), house="Vareille",
           detail=say("Ivory", "象牙白", "عاجي"), sku="VAR-TOTE-S-IV", **some),
        Vm(url="/office/stock/var_2", name=long_name(say), house="Maison de Haute Horlogerie Castelnau & Fils",
           detail=say("Pink gold, brown strap", "玫瑰金，棕色表带", "ذهب وردي، سوار بني"),
           sku="CAST-PERPETUAL-CHRONO-PG-BR-2026", **many),
        Vm(url="/office/stock/var_3", name=say("Ring", "戒指", "خاتم"), house="Orsay", detail=size, sku="", **none),
        Vm(url="/office/stock/var_4", name=say("Scarf", "丝巾", "وشاح"), house="Orsay", detail="",
           sku="ORS-SCARF", **none),
    ]  # fmt: skip
    return [
        ("", Vm(query="", rows=rows, pages=None)),
        ("paged", Vm(query=say("tote", "托特包", "توت"), rows=rows[:2], pages=paging("/office/stock"))),
        ("empty", Vm(query="xyz", rows=[], pages=None)),
    ]


def places(say: Sayer) -> list[tuple[str, str, str]]:
    """Code, name and kind of the sample's locations."""
    return [
        ("main", say("Main warehouse", "总仓", "المستودع الرئيسي"), say("Warehouse", "仓库", "مستودع")),
        (
            "boutique-shanghai-nanjing-road-west-second",
            say("Boutique on Nanjing Road West, second floor", "南京西路精品店二层", "بوتيك طريق نانجينغ الغربي، الطابق الثاني"),
            say("Boutique", "精品店", "بوتيك"),
        ),
        ("castelnau", "Castelnau & Fils", say("The house's own", "品牌自有", "لدى الدار نفسها")),
    ]  # fmt: skip


def locations(say: Sayer) -> list[tuple[str, Vm]]:
    states = [say("Open", "营业", "مفتوح"), say("Open", "营业", "مفتوح"), say("Closed", "已关闭", "مغلق")]
    rows = [
        Vm(code=code, name=name, kind=kind, country=country, state=state)
        for (code, name, kind), country, state in zip(places(say), ("CN", "CN", ""), states, strict=True)
    ]
    kinds = [
        choice(value, kind)
        for value, (_, _, kind) in zip(("warehouse", "boutique", "brand"), places(say), strict=True)
    ]
    typed = {"code": "main", "name": rows[0].name, "kind": "boutique", "country": "CN", "closed": "yes"}
    refused = form(
        typed,
        summary=say(
            "Pieces are there or on their way there; it cannot be closed.",
            "该处仍有商品或商品正在运往该处，无法关闭。",
            "توجد قطع هناك أو في طريقها إليه، ولا يمكن إغلاقه.",
        ),
    )
    return [
        ("", Vm(rows=rows, kinds=kinds, form=form())),
        ("refused", Vm(rows=rows, kinds=kinds, form=refused)),
    ]


def units(say: Sayer) -> list[Vm]:
    (_, main, _), (_, boutique, _), (_, brand, _) = places(say)
    return [
        Vm(serial="VAR-0001", place=main, state=say("Free", "可售", "متاحة"), lot="2026-11", expected=""),
        Vm(serial=LONG_SERIAL, place=boutique, state=say("Held", "已保留", "محجوزة"), lot="", expected=""),
        Vm(serial="", place=boutique, state=say("On the way", "运送中", "في الطريق"), lot="", expected=""),
        Vm(
            serial="",
            place=brand,
            state=say("Expected", "待到货", "متوقعة"),
            lot="",
            expected=say("24 Dec 2026", "2026年12月24日", "24 ديسمبر 2026"),
        ),
        Vm(
            serial="",
            place=brand,
            state=say("Expected", "待到货", "متوقعة"),
            lot="",
            expected=say("30 days after the order", "下单后 30 天", "30 يوما بعد الطلب"),
        ),
    ]


def moves(say: Sayer) -> list[Vm]:
    (_, main, _), (_, boutique, _), _ = places(say)
    moment = say("22 Nov 2026, 10:12", "2026年11月22日 10:12", "22 نوفمبر 2026، 10:12")
    told = [
        (say("Received", "收货", "استُلمت"), main, "+12", say("Delivery note 4711", "送货单 4711", "إيصال التسليم 4711"), "Sun Li"),
        (say("Lost", "遗失", "مفقودة"), boutique, "-1", long_name(say), "system"),
        (say("Stocktaking", "盘点", "جرد"), main, "0", say("Yearly", "年度", "سنوي"), "Sun Li"),
    ]  # fmt: skip
    return [
        Vm(at=moment, what=what, place=place, quantity=quantity, reason=reason, actor=actor)
        for what, place, quantity, reason, actor in told
    ]


def piece(say: Sayer) -> list[tuple[str, Vm]]:
    (_, main, _), (_, boutique, _), (_, brand, _) = places(say)
    labels = [
        say("In the house", "在库", "في الدار"),
        say("Held", "已保留", "محجوزة"),
        say("On the way", "运送中", "في الطريق"),
        say("Expected", "待到货", "متوقعة"),
        say("Can be bought", "可购买", "يمكن شراؤها"),
    ]
    day = Vm(label=say("From", "自", "من"), value=say("24 Dec 2026", "2026年12月24日", "24 ديسمبر 2026"))
    full = {
        "url": "/office/stock/var_1",
        "title": say("Small tote", "小号托特包", "حقيبة توت صغيرة"),
        "house": "Vareille",
        "detail": say("Ivory", "象牙白", "عاجي"),
        "sku": "VAR-TOTE-S-IV",
        "facts": [*(Vm(label=label, value=value) for label, value in zip(labels, "22345", strict=True)), day],
        "places": [
            Vm(name=main, counts=["1", "0", "0", "0"]),
            Vm(name=boutique, counts=["0", "1", "1", "0"]),
            Vm(name=brand, counts=["0", "0", "0", "1,200"]),
        ],
        "units": units(say),
        "pages": None,
        "moves": moves(say),
        "transfers": [
            Vm(
                id="trf_1",
                sent=say("22 Nov 2026, 10:12", "2026年11月22日 10:12", "22 نوفمبر 2026، 10:12"),
                origin=main,
                destination=boutique,
                quantity="1",
                reason=say("For the window", "橱窗陈列", "للعرض في الواجهة"),
            )
        ],
        "locations": [
            choice("main", main, True),
            choice("boutique-shanghai", boutique),
            choice("castelnau", brand),
        ],
        "changes": [
            choice("receive", say("Received", "收货", "استُلمت")),
            choice("lost", say("Lost", "遗失", "مفقودة")),
            choice("count", say("Stocktaking", "盘点", "جرد")),
        ],
        "forms": {"change": form(), "promise": form(), "transfer": form()},
        "failed": None,
    }
    lengthy = {
        "title": long_name(say),
        "house": "Maison de Haute Horlogerie Castelnau & Fils",
        "sku": "CAST-PERPETUAL-CHRONO-PG-BR-2026",
        "pages": paging("/office/stock/var_1"),
    }
    nothing = {
        "facts": [Vm(label=label, value="0") for label in labels],
        "detail": "",
        "sku": "",
        "places": [],
        "units": [],
        "moves": [],
        "transfers": [],
    }
    return [
        ("", Vm(**full)),
        ("long", Vm(**full | lengthy)),
        ("empty", Vm(**full | nothing)),
        *((state, Vm(**full | failure)) for state, failure in failures(say)),
    ]


def failures(say: Sayer) -> list[tuple[str, dict[str, object]]]:
    """One answer wrong, two wrong, a refusal of the stock's, and of a transfer that has ended."""
    plain = {"change": form(), "promise": form(), "transfer": form()}
    reason = say(
        "Say why; it is kept with your name.",
        "请说明原因；将与您的姓名一同保存。",
        "بيّن السبب؛ فهو يُحفظ مع اسمك.",
    )
    quantity = say("A whole number of pieces.", "请填写整数件数。", "عدد صحيح من القطع.")
    one = form({"what": "lost", "quantity": "1", "serials": LONG_SERIAL}, {"reason": reason})
    two = form({"quantity": "x", "days": "30"}, {"quantity": quantity, "reason": reason})
    refused = form(
        {"origin": "main", "destination": "castelnau", "quantity": "40", "reason": "…"},
        summary=say(
            "Fewer pieces than that are free there. Nothing has changed.",
            "该处可用商品不足。未作任何更改。",
            "القطع المتاحة هناك أقل من ذلك. لم يتغيّر شيء.",
        ),
    )
    ended = form(summary=say("This transfer has ended already.", "该调拨已结束。", "انتهى هذا النقل من قبل."))
    return [
        ("wrong", {"forms": plain | {"change": one}, "failed": one}),
        ("wrong-twice", {"forms": plain | {"promise": two}, "failed": two}),
        ("refused", {"forms": plain | {"transfer": refused}, "failed": refused}),
        ("ended", {"forms": plain, "failed": ended}),
    ]


def pages(locale: str) -> dict[str, list[tuple[str, Vm]]]:
    """Template name → the states it is shown in."""
    say = Sayer(locale)
    return {
        "office/stock.html": listed(say),
        "office/stock_piece.html": piece(say),
        "office/locations.html": locations(say),
    }
