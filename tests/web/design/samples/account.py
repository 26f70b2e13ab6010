"""Samples of what belongs to a member: hub, orders, points, sign-in, and of the pages said when something is not there."""

from markupsafe import Markup

from luxe.web.storefront.barcodes import code39
from tests.web.design.samples.door import event, silver_card
from tests.web.design.samples.make import Sayer, Vm, choice, form, link
from tests.web.design.samples.office_shipments import steps as parcel_steps
from tests.web.design.samples.shop import lines, pieces, totals


def progress(say: Sayer) -> Vm:
    return Vm(
        title=say("On the way to gold", "距金卡", "في الطريق إلى الذهبي"),
        counted_text=say("¥112,600 counted", "已计入 ¥112,600", "¥112,600 محتسبة"),
        pending_text=say(
            "¥74,000 pending until 10 December", "¥74,000 待计入，12月10日确认", "¥74,000 معلقة حتى 10 ديسمبر"
        ),
        goal_text=say("Gold at ¥300,000", "金卡 ¥300,000", "الذهبي عند ¥300,000"),
        remaining_text=say("¥187,400 to gold", "距金卡还差 ¥187,400", "يتبقى ¥187,400 للذهبي"),
        counted=37,
        pending=24,
        note=say(
            "A purchase counts when the time to return it has passed.",
            "退货期满后，消费方可计入。",
            "يُحتسب الشراء بعد انقضاء مدة الإرجاع.",
        ),
    )


def orders(say: Sayer) -> list[Vm]:
    tiles = pieces(say)
    states = [say("On its way", "配送中", "في الطريق"), say("Delivered", "已送达", "سُلّم")]
    return [
        Vm(
            url="/orders/LX-10402",
            number=f"LX-1040{n}",
            date=say("22 November 2026", "2026年11月22日", "22 نوفمبر 2026"),
            state=states[n % 2],
            total_text="¥74,000",
            pieces_text=tiles[n].name,
            picture=tiles[n].picture,
        )
        for n in range(2)
    ]


def wishes(say: Sayer) -> Vm:
    piece = pieces(say)[2]
    return Vm(
        waits=[
            Vm(
                id="var_2",
                url=piece.url,
                house=piece.house,
                name=piece.name,
                detail="38",
                picture=piece.picture,
                state=say(
                    "Sold out. You asked on 21 November, and we write when it is back.",
                    "已售罄。您于11月21日询问，到货时我们会致信。",
                    "نفدت. سألت في 21 نوفمبر، ونكتب إليك حين تعود.",
                ),
            )
        ],
        wishes=pieces(say)[:3],
        form=form(),
    )


def order(say: Sayer, *, fresh: bool) -> Vm:
    steps = [
        event(
            say("Placed", "已下单", "سُجّل الطلب"),
            say("22 November 2026, 15:04", "2026年11月22日 15:04", "22 نوفمبر 2026، 15:04"),
            "done",
        ),
        event(
            say("Paid", "已付款", "دُفع"),
            say("22 November 2026, 15:05", "2026年11月22日 15:05", "22 نوفمبر 2026، 15:05"),
            "done",
        ),
        event(
            say("Being prepared in Shanghai", "上海备货中", "قيد التحضير في شنغهاي"),
            "",
            "current",
            say("Hélène checks each piece by hand.", "每件均经人工检视。", "تُفحص كل قطعة باليد."),
        ),
        event(
            say("With you", "送达", "بين يديك"),
            say("Thursday 26 November", "11月26日（周四）", "الخميس 26 نوفمبر"),
            "waiting",
        ),
    ]
    return Vm(
        number="LX-10402",
        placed_on=say("22 November 2026", "2026年11月22日", "22 نوفمبر 2026"),
        state_text=say("Being prepared", "备货中", "قيد التحضير"),
        fresh=fresh,
        steps=steps,
        lines=lines(say),
        totals=totals(say),
        reasons=[
            say(
                "Arcade 28: ¥28,400. Winter, 10%: −¥2,840. That makes ¥25,560.",
                "拱廊 28：¥28,400。冬日，10%：−¥2,840。即 ¥25,560。",
                "أركاد 28: ¥28,400. الشتاء، 10%: −¥2,840. فيصير ¥25,560.",
            )
        ],
        points_text=say("740 points from this order", "本单可得 740 积分", "740 نقطة من هذا الطلب"),
        points_detail=say(
            "They are yours on 10 December, when the time to return has passed.",
            "12月10日退货期满后到账。",
            "تصبح لك في 10 ديسمبر بعد انقضاء مدة الإرجاع.",
        ),
        progress=progress(say),
        address_lines=[
            say("Lin Weiran", "林蔚然", "ليلى الحربي"),
            say("12 Anfu Road", "安福路 12 号", "12 شارع آنفو"),
            say("Shanghai", "上海", "شنغهاي"),
        ],
        delivery_text=say(
            "By hand, Thursday 26 November, 10:00–13:00",
            "专人送达，11月26日（周四）10:00–13:00",
            "باليد، الخميس 26 نوفمبر",
        ),
        payment_text=say(
            "¥74,000 by card ending 4242", "¥74,000，尾号 4242 的卡", "¥74,000 ببطاقة تنتهي بـ 4242"
        ),
        refunds=[]
        if fresh
        else [
            Vm(
                label=say("Goodwill", "善意补偿", "بادرة ودّ"),
                value="¥1,000",
                note=say("Given back on 24 November", "11月24日已退回", "أُعيد في 24 نوفمبر"),
                sum=False,
            )
        ],
        parcels=[
            Vm(
                number="SH-7Q2X8ZF3",
                state=say("Out for delivery", "正在派送", "قيد التسليم"),
                carrier="Meridian Parcel, MP0123456789CN",
                pieces="OR-26-00417",
                steps=parcel_steps(say),
            )
        ],
        bills=[
            link(
                say("Invoice INV-2026-000042", "发票 INV-2026-000042", "الفاتورة INV-2026-000042"),
                "/orders/LX-10402/bills/bill_1",
            )
        ],
        edits=Vm(
            change_url="/orders/LX-10402/change",
            address_url="/orders/LX-10402/address",
            addresses=[
                choice(
                    "adr_2",
                    say("32 Zhongshan Road, Shanghai", "上海市中山路 32 号", "32 طريق تشونغشان، شنغهاي"),
                )
            ],
            note_url="/orders/LX-10402/notes",
            longest=1000,
            notes=[
                Vm(
                    text=say("Please ring twice.", "请按两次门铃。", "رنّ الجرس مرتين من فضلك."),
                    date=say("22 November, 15:04", "11月22日 15:04", "22 نوفمبر، 15:04"),
                )
            ],
        ),
        window_text=say(
            "You may return it until 10 December 2026.",
            "可于2026年12月10日前退货。",
            "يمكنك إرجاعه حتى 10 ديسمبر 2026.",
        ),
        return_url=None if fresh else "/orders/LX-10402/returns",
        units=[] if fresh else [choice("var_1|OR-26-00417", "OR-26-00417")],
        returns=[]
        if fresh
        else [
            Vm(
                number="RT-7K3M9Q2X",
                state=say("Approved; send it back to us", "已批准，请寄回", "وُوفق عليه؛ أرسله إلينا"),
                date=say("24 November 2026", "2026年11月24日", "24 نوفمبر 2026"),
                pieces=["OR-26-00418"],
                decision="",
                exchange=Vm(
                    piece=say("Halo ring, 54", "光环戒指，54", "خاتم هالو، 54"),
                    owed="¥2,150.00",
                    pay_url="/exchanges/run_1",
                    replacement="",
                    replacement_url=None,
                ),
                label_url="/orders/LX-10402/returns/1/label",
                withdraw_url="/orders/LX-10402/returns/1/withdraw",
            )
        ],
        exchange_url=None if fresh else "/orders/LX-10402/exchange",
        came_for=None if fresh else Vm(label="LX-7K3M9Q2X", url="/orders/LX-10401"),
        cancel_url="/orders/LX-10402/cancel" if fresh else None,
        form=form(),
        events_url=None,
    )


def account(say: Sayer) -> Vm:
    benefits = [
        Vm(
            name=say("Your advisor, Zhou Min", "您的顾问 周敏", "مستشارتك مين تشو"),
            left=say("Every day, 9:00–22:00", "每日 9:00–22:00", "كل يوم 9:00–22:00"),
            detail="",
        ),
        Vm(
            name=say("Delivery by hand", "专人送达", "التوصيل باليد"),
            left=say("10 of 12 left this year", "本年尚余 10 / 12 次", "بقي 10 من 12 هذا العام"),
            detail="",
        ),
        Vm(
            name=say("Repair and polishing", "维修与抛光", "الإصلاح والتلميع"),
            left=say("2 of 2 left", "尚余 2 / 2 次", "بقي 2 من 2"),
            detail=say("For pieces bought here", "限本店购入", "للقطع المشتراة هنا"),
        ),
    ]
    return Vm(
        name="Lin Weiran",
        card=silver_card(say),
        progress=progress(say),
        benefits=benefits,
        points_text="4,200",
        gifts=[
            Vm(
                name=say("Welcome to gold", "欢迎成为金卡会员", "أهلاً بك في الذهبي"),
                left=say("¥380 left", "余额 ¥380", "المتبقي ¥380"),
                code="7K2M-9QXT-04RV",
            )
        ],
        points_detail=say(
            "Worth ¥420. 740 more arrive on 10 December.",
            "价值 ¥420。另有 740 积分将于12月10日到账。",
            "قيمتها ¥420. وتصل 740 أخرى في 10 ديسمبر.",
        ),
        orders=orders(say),
        renewal_text=say(
            "Your membership runs to 22 November 2027.",
            "会籍有效至 2027年11月22日。",
            "عضويتك سارية حتى 22 نوفمبر 2027.",
        ),
    )


def pages(locale: str) -> dict[str, list[tuple[str, Vm]]]:
    """Template name → the states it is shown in."""
    say = Sayer(locale)
    day = say("22 November 2026", "2026年11月22日", "22 نوفمبر 2026")
    entries = [
        Vm(
            date=day,
            text=say("Order LX-10402", "订单 LX-10402", "الطلب LX-10402"),
            detail=None,
            amount="+740",
            balance="4,200",
            url="/orders/LX-10402",
        ),
        Vm(
            date=day,
            text=say("Used in order LX-10311", "订单 LX-10311 使用", "استُخدمت في الطلب LX-10311"),
            detail=say("200 more are owed", "另欠 200", "ويبقى 200 مستحقًا"),
            amount="−400",
            balance="3,460",
            url=None,
        ),
    ]
    keys = [
        Vm(
            id="pk_1",
            name=say("Weiran's iPhone", "蔚然的 iPhone", "هاتف ليلى"),
            added=say("Added 18 November 2026", "2026年11月18日添加", "أُضيف 18 نوفمبر 2026"),
            last_used=say("used today", "今日使用", "استُخدم اليوم"),
        )
    ]
    sessions = [
        Vm(
            id="ses_1",
            device="Safari, iPhone",
            place=say("Shanghai", "上海", "شنغهاي"),
            last_seen=day,
            current=True,
        ),
        Vm(
            id="ses_2",
            device="Chrome, Mac",
            place=say("Paris", "巴黎", "باريس"),
            last_seen=day,
            current=False,
        ),
    ]
    consents = [
        Vm(
            name="service",
            text=say(
                "Messages about my orders and my membership (always sent)",
                "有关订单与会籍的通知（必需）",
                "رسائل عن طلباتي وعضويتي (تُرسل دائما)",
            ),
            given=True,
            required=True,
        ),
        Vm(
            name="letters",
            text=say(
                "Letters about new pieces, at most one a week",
                "新品来信，每周至多一封",
                "رسائل عن القطع الجديدة، مرة في الأسبوع على الأكثر",
            ),
            given=False,
            required=False,
        ),
    ]
    document = Vm(
        title=say("Privacy", "隐私", "الخصوصية"),
        updated=day,
        body_html=Markup("<h2>1</h2><p>{}</p>").format(
            say(
                "We hold what we need to serve you and nothing to sell.",
                "我们只保存为您服务所需的信息，绝不出售。",
                "نحتفظ بما نحتاجه لخدمتك ولا نبيع شيئا.",
            )
        ),
    )
    errors = [
        (
            str(code),
            Vm(code=code, request_id="req_01JD" if code == 500 else None, again_text=None, back_url=None),
        )
        for code in (403, 404, 409, 410, 422, 429, 500, 503, "offline", "expired")
    ]
    return {
        "storefront/account/account.html": [("", account(say))],
        "storefront/account/orders.html": [
            ("", Vm(orders=orders(say), pages=None)),
            ("empty", Vm(orders=[], pages=None)),
        ],
        "storefront/account/return_label.html": [
            (
                "",
                Vm(
                    number="RT-7K3M9Q2X",
                    barcode=code39("RT-7K3M9Q2X"),
                    order_number="LX-10402",
                    order_url="/orders/LX-10402",
                    house_name="LUXE",
                    sender=["Lin Weiran"],
                    pieces=["OR-26-00417"],
                    date=say("24 November 2026", "2026年11月24日", "24 نوفمبر 2026"),
                ),
            )
        ],
        "storefront/account/wishes.html": [
            ("", wishes(say)),
            ("empty", Vm(waits=[], wishes=[], form=form())),
        ],
        "storefront/account/order.html": [("fresh", order(say, fresh=True)), ("", order(say, fresh=False))],
        "storefront/account/points.html": [
            (
                "",
                Vm(
                    balance_text="4,200",
                    worth_text=say(
                        "Worth ¥420 at your next order", "下次购物可抵 ¥420", "قيمتها ¥420 في طلبك التالي"
                    ),
                    expiring_text=say(
                        "600 expire on 31 December 2027.",
                        "600 积分将于 2027年12月31日到期。",
                        "تنتهي 600 نقطة في 31 ديسمبر 2027.",
                    ),
                    owed_text=say(
                        "200 are owed after a refund. What you earn next pays them first.",
                        "退款后尚欠 200 积分，您今后所得积分将先行抵还。",
                        "بقي عليك 200 نقطة بعد ردّ المبلغ. تُسدَّد أولًا مما تكسبه لاحقًا.",
                    ),
                    entries=entries,
                    pages=None,
                ),
            )
        ],
        "storefront/account/addresses.html": [
            (
                "",
                Vm(
                    addresses=[
                        Vm(
                            id="adr_1",
                            lines=["Lin Weiran", "12 Anfu Road", "200031 Shanghai"],
                            is_default=True,
                        ),
                        Vm(
                            id="adr_2", lines=["Lin Weiran", "8 rue de Sèze", "75009 Paris"], is_default=False
                        ),
                    ],
                    countries=[choice("CN", "China", True)],
                    form=form(),
                ),
            )
        ],
        "storefront/account/security.html": [
            ("", Vm(passkeys=keys, sessions=sessions, has_password=True, email="w@example.com", form=form()))
        ],
        "storefront/account/preferences.html": [("", Vm())],
        "storefront/account/privacy.html": [
            ("", Vm(consents=consents, export_state=None, erasure_state=None))
        ],
        "storefront/document.html": [("", document)],
        "storefront/errors/error.html": errors,
    }
