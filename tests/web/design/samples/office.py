"""Samples of the office."""

from tests.web.design.samples.door import steps
from tests.web.design.samples.make import Sayer, Vm, choice, form, link
from tests.web.design.samples.office_shipments import row as shipment_row

DAY = "2026-11-22 15:04"


def navigation(locale: str) -> list[Vm]:
    """The rooms of the office, with what waits in each."""
    say = Sayer(locale)
    rooms = [
        (("Today", "今日", "اليوم"), "", 0),
        (("Applications", "申请", "الطلبات"), "/applications", 3),
        (("Orders", "订单", "المبيعات"), "/orders", 0),
        (("Runs", "流程", "العمليات"), "/runs", 1),
        (("Invitations", "邀请", "الدعوات"), "/invitations", 0),
        (("Audit", "审计", "السجل"), "/audit", 0),
    ]
    return [
        Vm(label=say(*words), url=f"/office{path}", current=path == "/applications", count=waiting)
        for words, path, waiting in rooms
    ]


def fact(label: str, value: str) -> Vm:
    return Vm(label=label, value=value)


def applications(say: Sayer) -> dict[str, list[tuple[str, Vm]]]:
    views = [
        link(say("Waiting", "待审", "بالانتظار"), "/office/applications", True),
        link(say("Decided", "已决", "محسومة"), "/office/applications?state=decided"),
    ]
    rows = [
        Vm(
            url=f"/office/applications/{n}",
            name=name,
            email=f"{name.split()[0].lower()}@example.com",
            country=country,
            sent=DAY,
            waiting_text=f"{n + 1} d",
            inviter="Chen Yulan",
            state=say("Waiting", "待审", "بالانتظار"),
            needs_person=n < 2,
        )
        for n, (name, country) in enumerate(
            [("Lin Weiran", "China"), ("Aurélie Maret", "France"), ("Noura Al Said", "Oman")]
        )
    ]
    detail = Vm(
        id="app_1",
        name="Lin Weiran",
        email="w@example.com",
        state=say("Waiting", "待审", "بالانتظار"),
        decided=False,
        facts=[
            fact(say("E-mail", "邮箱", "البريد"), "w@example.com"),
            fact(say("Country", "国家", "البلد"), "China"),
            fact(
                say("Means", "资金", "الملاءة"),
                say("A business of her own; declared", "自有企业；已声明", "عمل خاص؛ مصرّح"),
            ),
        ],
        references=[
            Vm(name="Chen Yulan", relation=say("Member", "会员", "عضو"), contact="c@example.com"),
            Vm(name="Paul Aubry", relation=say("Lawyer", "律师", "محام"), contact="+33 1 40 00 00 00"),
        ],
        note=say("I collect watches of one maker.", "我收藏一位制表师的作品。", "أجمع ساعات صانع واحد."),
        steps=steps(say),
        decision_text=None,
        form=form(),
    )
    return {
        "office/applications.html": [
            ("", Vm(views=views, rows=rows, pages=None)),
            ("empty", Vm(views=views, rows=[], pages=None)),
        ],
        "office/application.html": [
            ("", detail),
            (
                "decided",
                Vm(
                    **{
                        **vars(detail),
                        "decided": True,
                        "decision_text": say(
                            "Approved by Sun Li on 22 November.",
                            "孙黎于11月22日批准。",
                            "وافق سون لي في 22 نوفمبر.",
                        ),
                    }
                ),
            ),
        ],
    }


def orders(say: Sayer) -> dict[str, list[tuple[str, Vm]]]:
    views = [
        link(say("All", "全部", "الكل"), "/office/orders", True),
        link(say("Needs a person", "需人工", "تحتاج شخصا"), "/office/orders?state=human"),
    ]
    rows = [
        Vm(
            url="/office/orders/1",
            number=f"LX-1040{n}",
            placed=DAY,
            member="Lin Weiran",
            pieces_text="Arc tote in pebbled calf",
            total="¥74,000",
            state=say("Paid", "已付款", "مدفوع"),
            needs_person=n == 1,
        )
        for n in range(4)
    ]
    detail = Vm(
        number="LX-10402",
        state=say("Paid", "已付款", "مدفوع"),
        needs_person=False,
        facts=[
            fact(say("Member", "会员", "العضو"), "Lin Weiran"),
            fact(
                say("Deliver", "配送", "التوصيل"),
                say("By hand, 26 November", "专人送达，11月26日", "باليد، 26 نوفمبر"),
            ),
        ],
        lines=[
            Vm(
                sku="ORL-ARC-CH",
                name="Arc tote in pebbled calf",
                house="Orlenne",
                serial="OR-26-00417",
                price="¥28,400",
                unit_state=say("Held", "已保留", "محجوزة"),
            )
        ],
        totals=[Vm(label=say("Total", "合计", "المجموع"), value="¥28,400", note=None, sum=True)],
        payments=[
            Vm(
                at=DAY,
                what=say("Authorised", "已授权", "مأذون"),
                amount="¥28,400",
                state="authorised",
                reference="pi_01JD7Q",
            ),
            Vm(
                at=DAY,
                what=say("Captured", "已扣款", "محصّل"),
                amount="¥28,400",
                state="captured",
                reference="pi_01JD7Q",
            ),
        ],
        notes=Vm(
            url="/office/orders/LX-10402/notes",
            longest=1000,
            rows=[
                Vm(
                    at=DAY,
                    who="Li Na",
                    side=say("The house", "本店", "الدار"),
                    text="A friend of the house; hand it over in person.",
                )
            ],
            edits=[
                Vm(
                    at=DAY,
                    who="Lin Weiran",
                    before="Lin Weiran, 12 Anfu Road, 200031, Shanghai, CN",
                    after="Mei Chen, 32 Zhongshan Road, 200120, Shanghai, CN",
                )
            ],
        ),
        bills=[
            link(
                say("Invoice INV-2026-000042", "发票 INV-2026-000042", "الفاتورة INV-2026-000042"),
                "/office/orders/LX-10402/bills/bill_1",
            ),
            link(
                say(
                    "Credit note CRN-2026-000007",
                    "红字发票 CRN-2026-000007",
                    "الإشعار الدائن CRN-2026-000007",
                ),
                "/office/orders/LX-10402/bills/bill_2",
            ),
        ],
        returns=[
            Vm(
                number="RT-7K3M9Q2X",
                state=say("Waits for our answer", "等待我们答复", "ينتظر ردّنا"),
                needs_person=True,
                asked=DAY,
                reason=say("Too small", "偏小", "صغيرة"),
                units="OR-26-00417",
                wanted=say("Halo ring, 54", "光环戒指，54", "خاتم هالو، 54"),
            )
        ],
        shipments=[shipment_row(say)],
        pack_url="/office/orders/1/pack",
        change_url="/office/orders/1/change",
        steps=steps(say),
        form=form(),
        actions=[
            Vm(
                name="inspect-RT-7K3M9Q2X",
                label=say("It is here: inspect", "已到店：检视", "وصل: افحص"),
                text=say("Refused ones go back.", "未接受的寄还。", "ما لم يُقبل يعود."),
                url="/office/orders/1/returns/1/inspect",
                needs_reason=False,
                amount_hint="",
                kinds=[],
                units=[Vm(name="found_0", label="OR-26-00417")],
                findings=[choice("accepted", say("Accepted, as new", "接受，如新", "مقبولة كالجديدة"))],
            ),
            Vm(
                name="refund",
                label=say("Refund a part", "部分退款", "ردّ جزء"),
                text=say("Money goes back.", "款项退回。", "يعود المال."),
                url="/office/orders/1/refund",
                needs_reason=True,
                amount_hint=say("¥28,400 is left.", "尚余 ¥28,400。", "بقي ¥28,400."),
                kinds=[choice("goodwill", say("Goodwill", "善意补偿", "بادرة ودّ"))],
                units=[],
                findings=[],
            ),
        ],
    )
    return {
        "office/orders.html": [("", Vm(views=views, query="", rows=rows, pages=None))],
        "office/order.html": [("", detail)],
        "office/returns.html": [
            (
                "",
                Vm(
                    views=views,
                    rows=[
                        Vm(
                            url="/office/orders/1",
                            number="RT-7K3M9Q2X",
                            member="Lin Weiran",
                            pieces=1,
                            reason=say("Too small", "偏小", "صغيرة"),
                            wanted=say("Halo ring, 54", "光环戒指，54", "خاتم هالو، 54"),
                            asked=DAY,
                            changed=DAY,
                        )
                    ],
                    pages=None,
                ),
            ),
            ("empty", Vm(views=views, rows=[], pages=None)),
        ],
    }


def pages(locale: str) -> dict[str, list[tuple[str, Vm]]]:
    """Template name → the states it is shown in."""
    say = Sayer(locale)
    counts = [
        Vm(label=say(*words), value=value, url="/office", needs_person=needs)
        for words, value, needs in [
            (("Applications waiting", "待审申请", "طلبات بالانتظار"), "3", True),
            (("Runs needing a person", "需人工的流程", "عمليات تحتاج شخصا"), "1", True),
            (("Orders today", "今日订单", "طلبات اليوم"), "17", False),
        ]
    ]
    audit = [
        Vm(
            at=DAY,
            actor="Sun Li",
            action="application.approved",
            object="app_01JD7Q",
            object_url="/office/applications/1",
            detail='{"reason": null}',
        ),
        Vm(
            at=DAY,
            actor="Lin Weiran",
            action="session.started",
            object="ses_01JD7R",
            object_url=None,
            detail="Safari, iPhone",
        ),
    ]
    invitation = Vm(
        id="inv_1",
        code="LX-7Q4Z-0417",
        link="http://localhost:8400/invitation/LX-7Q4Z-0417",
        inviter="Chen Yulan",
        email=None,
        used_text="1 / 3",
        expires="2026-12-31",
        state=say("Open", "有效", "مفتوحة"),
        live=True,
    )
    return {
        "office/sign_in.html": [("", Vm(return_to="/office", form=form()))],
        "office/today.html": [("", Vm(counts=counts))],
        **applications(say),
        **orders(say),
        "office/audit.html": [
            (
                "",
                Vm(
                    query="",
                    rows=audit,
                    pages=None,
                ),
            )
        ],
        "office/invitations.html": [
            ("", Vm(rows=[invitation], created=invitation, form=form({"uses": "1"}), pages=None))
        ],
    }
