"""Samples of the office's books of points, and of its vouchers and gift cards."""

from tests.web.design.samples.make import Sayer, Vm, choice, form, link


def adjustments(say: Sayer) -> list[Vm]:
    values = {
        "at": say("22 Nov 2026, 10:12", "2026年11月22日 10:12", "22 نوفمبر 2026، 10:12"),
        "member": say("Lin Weiran", "林蔚然", "ليلى الحربي"),
        "url": "/office/points/members/acc_1",
        "reason": say("A watch came back late", "腕表退回延误", "عادت ساعة متأخرة"),
        "by": say("Sun Li", "孙莉", "سلمى"),
        "decided_by": None,
        "state": say("Waits for a second person", "等待第二人", "ينتظر شخصا ثانيا"),
        "pending": True,
    }
    return [
        Vm(id="adj_1", points="+80,000", own=False, **values),
        Vm(id="adj_2", points="−120,000", own=True, **values),
    ]


def books(say: Sayer) -> list[tuple[str, Vm]]:
    kinds = [
        say("Members: available", "会员：可用", "الأعضاء: متاح"),
        say("Members: owed to the house", "会员：欠本店", "الأعضاء: مستحق للدار"),
        say("House: issued", "本店：已发放", "الدار: صادر"),
    ]
    moment = say("22 Nov 2026, 10:00", "2026年11月22日 10:00", "22 نوفمبر 2026، 10:00")
    full = Vm(
        query="",
        nobody=False,
        form=form(),
        as_of=moment,
        rows=[
            Vm(label=kind, accounts="1,204", points=points)
            for kind, points in zip(kinds, ("+4,812,400", "−600", "−4,811,800"), strict=True)
        ],
        total="0",
        recounts=[
            Vm(
                at=moment, members="1,204", state=say("2 differences", "2 处差异", "فرقان"), needs_person=True
            ),
            Vm(
                at=moment,
                members="1,203",
                state=say("All agree", "全部相符", "الكل متطابق"),
                needs_person=False,
            ),
        ],
        differences=[
            Vm(
                account="acc_01jd7q2x8zf3k9m4n5p6r7s801",
                url="/office/points/members/acc_1",
                what=what,
                kept="+4,200",
                counted="+4,100",
            )
            for what in ("available", "lots")
        ],
        pending=adjustments(say),
    )
    empty = Vm(
        **{**vars(full), "pending": [], "recounts": [], "differences": [], "nobody": True, "query": "x"}
    )
    return [("", full), ("nobody", empty)]


def member(say: Sayer) -> list[tuple[str, Vm]]:
    moment = say("22 Nov 2026, 10:00", "2026年11月22日 10:00", "22 نوفمبر 2026، 10:00")
    full = Vm(
        id="acc_1",
        name=say("Lin Weiran", "林蔚然", "ليلى الحربي"),
        facts=[Vm(label=say("Available", "可用", "المتاح"), value="4,200")],
        own=False,
        form=form(),
        entries=[
            Vm(
                at=moment,
                text=say("Taken back with a refund", "随退款收回", "استُردت مع ردّ المبلغ"),
                reference="ord_01jd7q2x8zf3k9m4n5p6r7s801",
                url="/office/orders/1",
                points="−740",
                owed="+260",
                balance="0",
            )
        ],
        pages=None,
        adjustments=adjustments(say),
    )
    wrong = form(
        {"points": "x"}, {"points": say("A whole number.", "请填整数。", "عدد صحيح."), "reason": "…"}
    )
    empty = Vm(**{**vars(full), "entries": [], "adjustments": [], "form": wrong})
    own = Vm(**{**vars(full), "own": True})
    return [("", full), ("wrong", empty), ("own", own)]


def promotions(say: Sayer, here: str) -> list[Vm]:
    return [
        link(say("Vouchers", "优惠券", "القسائم"), "/office/promotions", here == "vouchers"),
        link(say("Gift cards", "礼品卡", "بطاقات الهدايا"), "/office/promotions/gift-cards", here == "gifts"),
        link(
            say("Gifts for tiers", "等级礼遇", "هدايا المستويات"),
            "/office/promotions/tier-gifts",
            here == "tiers",
        ),
    ]


def pages(locale: str) -> dict[str, list[tuple[str, Vm]]]:
    """Template name → the states it is shown in."""
    say = Sayer(locale)
    state = say("Open", "有效", "مفتوح")
    currencies = [choice("CNY", "CNY", True), choice("EUR", "EUR")]
    voucher = {"name": say("Winter", "冬季", "شتاء"), "state": state}
    rows = [Vm(url="/office/promotions/vouchers/1", takes="10 %", uses="12", **voucher) for _ in range(3)]
    vouchers = Vm(
        views=promotions(say, "vouchers"), rows=rows, pages=None, form=form(), currencies=currencies
    )
    detail = Vm(
        id="vou_1",
        live=True,
        facts=[Vm(label=say("Takes off", "优惠", "تخصم"), value="10 %")],
        codes=["7K2M-9QXT-04RV", "0C5H-V1AA-8ZKP"],
        **voucher,
    )
    card = Vm(
        id="gft_1",
        url="/office/promotions/gift-cards?made=gft_1",
        name="P6R7S801",
        at=say("22 Nov 2026, 10:00", "2026年11月22日 10:00", "22 نوفمبر 2026، 10:00"),
        reason=say("A birthday", "生日", "عيد ميلاد"),
        issued="¥5,000",
        available="¥4,000",
        held="¥1,000",
        state=state,
        live=True,
    )
    gifts = Vm(
        views=promotions(say, "gifts"),
        code="7K2M-9QXT-04RV",
        rows=[card] * 2,
        pages=None,
        form=form(),
        currencies=currencies,
    )
    tier_gifts = Vm(
        views=promotions(say, "tiers"),
        rows=[
            Vm(
                id="tgf_1",
                name=say("Welcome to gold", "欢迎成为金卡会员", "أهلاً بك في الذهبي"),
                at=card.at,
                tier=say("Gold", "金卡", "ذهبي"),
                amounts=["¥500", "€65"],
                given="12",
                state=state,
                live=True,
            )
        ],
        form=form(),
        tiers=[choice("silver", say("Silver", "银卡", "فضي"), True)],
        currencies=["CNY", "EUR"],
        base="CNY",
    )
    return {
        "office/points.html": books(say),
        "office/member_points.html": member(say),
        "office/vouchers.html": [("", vouchers), ("empty", Vm(**{**vars(vouchers), "rows": []}))],
        "office/voucher.html": [("", detail), ("revoked", Vm(**{**vars(detail), "live": False}))],
        "office/gift_cards.html": [
            ("", gifts),
            ("empty", Vm(**{**vars(gifts), "rows": [], "code": None})),
        ],
        "office/tier_gifts.html": [
            ("", tier_gifts),
            ("empty", Vm(**{**vars(tier_gifts), "rows": []})),
        ],
    }
