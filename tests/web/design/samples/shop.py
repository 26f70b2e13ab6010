"""Samples of the shop: home, list, piece, search, bag, checkout."""

from markupsafe import Markup

from tests.web.design.samples.make import Sayer, Vm, card, choice, form, link, picture, price


def pieces(say: Sayer) -> list[Vm]:
    rows = [
        ("arcade-28", "Castellune", say("Arcade 28", "拱廊 28 手袋", "حقيبة أركاد 28"), "28,400", ["3d"]),
        (
            "solstice-ring",
            "Oltremira",
            say("Solstice solitaire", "至日单钻戒", "خاتم سولستيس بحجر واحد"),
            "146,000",
            [],
        ),
        (
            "meridian-38-rose",
            "Orlenne",
            say("Meridian 38, rose gold", "子午线 38 玫瑰金腕表", "ميريديان 38 بالذهب الوردي"),
            "212,000",
            ["last"],
        ),
        (
            "herbier-square",
            "Serradine",
            say("Herbier square, 90", "植物志丝巾 90", "مربّع إربييه 90"),
            "4,650",
            [],
        ),
        (
            "demi-lune-bag",
            "Castellune",
            say("Demi-lune shoulder bag", "半月肩背包", "حقيبة كتف دومي لون"),
            "19,900",
            ["drop"],
        ),
        (
            "lumen-pendant",
            "Oltremira",
            say("Lumen pendant", "流明蓝宝石吊坠", "قلادة لومن"),
            "33,500",
            ["3d"],
        ),
        (
            "no-7-lapis",
            "Wrenmoor",
            say("No. 7, lapis blue", "七号钢笔·青金石蓝", "رقم 7 بزرقة اللازورد"),
            "9,200",
            [],
        ),
        (
            "nocturne-34",
            "Orlenne",
            say("Nocturne 34, diamonds and a strap of grey satin", "夜曲 34 镶钻腕表", "نوكتورن 34 بالألماس"),
            "198,000",
            ["3d"],
        ),
    ]
    return [
        Vm(
            url=f"/pieces/{slug}",
            house=house,
            name=name,
            price=price(f"¥{cost}"),
            picture=picture(f"{slug}-1", name),
            second=picture(f"{slug}-2", ""),
            badges=badges,
            reason=None,
        )
        for slug, house, name, cost, badges in rows
    ]


def lines(say: Sayer) -> list[Vm]:
    return [
        Vm(
            name=p.name,
            house=p.house,
            url=p.url,
            detail=detail,
            quantity_text=None,
            price=p.price,
            picture=p.picture,
            note=None,
            reasons=why,
        )
        for p, detail, why in zip(
            pieces(say),
            [say("Chestnut", "栗色", "كستنائي"), say("Size 52", "52 号", "مقاس 52")],
            [[say("Winter, 10%: −¥2,840", "冬日，10%：−¥2,840", "الشتاء، 10%: −¥2,840")], []],
            strict=False,
        )
    ]


def totals(say: Sayer) -> list[Vm]:
    return [
        Vm(label=say("Pieces", "商品", "القطع"), value="¥74,400", note=None, sum=False),
        Vm(
            label=say("Delivery by hand", "专人送达", "التوصيل باليد"),
            value=say("Included", "已包含", "مشمول"),
            note=None,
            sum=False,
        ),
        Vm(label=say("Points", "积分", "النقاط"), value="−¥400", note=None, sum=False),
        Vm(
            label=say("Total", "合计", "المجموع"),
            value="¥74,000",
            note=say("Duties and taxes included", "已含关税与税费", "شامل الرسوم والضرائب"),
            sum=True,
        ),
    ]


def reasoned(tiles: list[Vm], say: Sayer) -> list[Vm]:
    reason = say("Because you looked at Orlenne", "因为您看过 Orlenne", "لأنك اطلعت على Orlenne")
    return [Vm(**{**vars(t), "reason": reason}) for t in tiles]


def crumbs(say: Sayer) -> list[Vm]:
    return [link(say("Home", "首页", "الرئيسية"), "/"), link(say("Bags", "手袋", "الحقائب"), "/pieces/bags")]


def home(say: Sayer) -> Vm:
    tiles = pieces(say)
    story = Vm(
        picture=picture(
            "editorial-still-life-journey",
            say("A workbench by a window", "窗边的工作台", "منضدة عمل قرب نافذة"),
            2000,
            1250,
            "#c9b69a",
        ),
        label=say("Journal", "札记", "المجلة"),
        title=say("The hour before the needle", "落针之前", "الساعة التي تسبق الإبرة"),
        text=say(
            "At Orlenne a skin rests a day in the room where it will be cut. We went to see why.",
            "在 Orlenne，皮料须在裁切的房间静置一日。我们去看了缘由。",
            "في أورلين يرتاح الجلد يوما كاملا قبل القص. ذهبنا لنعرف السبب.",
        ),
        action=link(say("Read the story", "阅读全文", "اقرأ القصة"), "/journal/needle"),
    )
    feature = Vm(
        **{
            **vars(story),
            "picture": picture("editorial-still-life-evening", "", 2000, 1250, "#2b2826"),
            "title": say(
                "Castellune, one watch at a time", "Castellune，一次一枚", "كاستيلون، ساعة واحدة في كل مرة"
            ),
            "label": say("House", "世家", "الدار"),
        }
    )
    houses = [
        Vm(name=name, url="/houses/x", origin=origin)
        for name, origin in [
            ("Orlenne", "Lyon"),
            ("Usurai", "Kanazawa"),
            ("Castellune", "Le Brassus"),
            ("Serradine", "Como"),
            ("Bayt Nadra", "Muscat"),
            ("Wrenmoor", "Hawick"),
        ]
    ]
    return Vm(
        story=story,
        today=reasoned(tiles[:4], say),
        feature=feature,
        arrivals=[Vm(house="Orlenne", url="/houses/orlenne", tiles=tiles[4:8])],
        houses=houses,
    )


def listing(say: Sayer) -> Vm:
    def option(value: str, label: str, count: str, current: bool = False, disabled: bool = False) -> Vm:
        return Vm(value=value, label=label, count_text=count, current=current, disabled=disabled)

    filters = [
        Vm(
            name="house",
            label=say("House", "世家", "الدار"),
            kind="checks",
            options=[
                option("orlenne", "Orlenne", "9", True),
                option("serradine", "Serradine", "6"),
                option("usurai", "Usurai", "4"),
            ],
        ),
        Vm(
            name="size",
            label=say("Size", "尺寸", "المقاس"),
            kind="pills",
            options=[option(str(s), str(s), "2", False, s == 54) for s in range(48, 60, 2)],
        ),
        Vm(
            name="colour",
            label=say("Colour", "颜色", "اللون"),
            kind="checks",
            options=[
                option("black", say("Black", "黑色", "أسود"), "11"),
                option("chestnut", say("Chestnut", "栗色", "كستنائي"), "5"),
            ],
        ),
    ]
    numbers = [
        Vm(text=str(n), url=None if n == 1 else f"/pieces?page={n}", current=n == 1) for n in (1, 2, 3)
    ]
    return Vm(
        title=say("Bags", "手袋", "الحقائب"),
        intro=say(
            "Made in small rooms, by people whose names we know.",
            "出自小作坊，匠人皆有名姓。",
            "صُنعت في ورش صغيرة بأيدي أناس نعرف أسماءهم.",
        ),
        breadcrumb=crumbs(say),
        count_text=say("32 pieces", "32 件", "32 قطعة"),
        tiles=pieces(say),
        sorts=[
            choice("new", say("Newest first", "最新", "الأحدث أولا"), True),
            choice("price", say("Price, low to high", "价格由低到高", "السعر من الأقل")),
        ],
        filters=filters,
        chips=[link("Orlenne", "/pieces/bags")],
        clear_url="/pieces/bags",
        base_url="/pieces/bags",
        kept={},
        pages=Vm(previous_url=None, next_url="/pieces?page=2", items=numbers),
    )


def piece(say: Sayer) -> Vm:
    tiles = pieces(say)
    shots = [
        picture(
            f"arcade-28-{number}",
            say("Arcade 28, view %d", "拱廊 28，第 %d 张", "أركاد 28، صورة %d") % number,
        )
        for number in (1, 2)
    ]
    variants = [
        Vm(
            value=f"var_{n}",
            label=label,
            current=n == 1,
            disabled=n == 3,
            price_text="¥28,400",
            availability="",
        )
        for n, label in enumerate(
            [
                say("Chestnut", "栗色", "كستنائي"),
                say("Black", "黑色", "أسود"),
                say("Bone", "骨白", "عاجي"),
                say("Moss", "苔绿", "طحلبي"),
            ]
        )
    ]
    facts = [
        Vm(
            label=say("Leather", "皮革", "الجلد"),
            value=say("Pebbled calf, tanned in Graulhet", "荔枝纹小牛皮，于格罗莱鞣制", "جلد عجل محبّب"),
        ),
        Vm(label=say("Size", "尺寸", "المقاس"), value="34 × 28 × 14 cm"),
        Vm(label=say("Made in", "产地", "صُنع في"), value="Lyon"),
    ]
    return Vm(
        breadcrumb=crumbs(say),
        house=link("Orlenne", "/houses/orlenne"),
        name=tiles[0].name,
        badges=["3d"],
        price=price("¥28,400"),
        pictures=shots,
        model=Vm(src="/models/bag.glb", alt="", poster=shots[0]),
        variants=variants,
        variant_label=say("Colour", "颜色", "اللون"),
        availability=say("Two in Shanghai", "上海现有两件", "قطعتان في شنغهاي"),
        delivery_text=say(
            "With you by Thursday 26 November if ordered today",
            "今日订购，11月26日（周四）前送达",
            "تصلك قبل الخميس 26 نوفمبر إن طلبتها اليوم",
        ),
        sold_out=False,
        here="/piece/arcade-28",
        waits=[
            Vm(value="var_2", label=say("Black", "黑色", "أسود"), wanted=False),
            Vm(value="var_3", label=say("Chestnut", "栗色", "كستنائي"), wanted=True),
        ],
        wish_url="/wishes/prd_1",
        wished=False,
        details_html=Markup("<p>{}</p>").format(
            say(
                "One skin, folded once and sewn along a single seam of 1,140 stitches. The handle is rolled around cord and polished with agate.",
                "整张皮革一折而成，单缝 1,140 针。手柄以绳芯卷制，玛瑙抛光。",
                "جلد واحد يُطوى مرة ويُخاط بدرزة واحدة من 1140 غرزة.",
            )
        ),
        size_text=say(
            "Holds a folded newspaper and a 13-inch computer.",
            "可容折叠报纸与 13 英寸电脑。",
            "تتسع لصحيفة مطوية وحاسوب 13 بوصة.",
        ),
        facts=facts,
        provenance=[
            Vm(label=say("Maker", "匠人", "الصانع"), value="Hélène Aubry"),
            Vm(
                label=say("Finished", "完成", "اكتملت"),
                value=say("3 October 2026", "2026年10月3日", "3 أكتوبر 2026"),
            ),
        ],
        care=[
            say("Keep it from rain for the first month.", "首月请避雨。", "أبعدها عن المطر في الشهر الأول."),
            say("We polish it once a year.", "我们每年为其抛光一次。", "نلمّعها مرة كل سنة."),
        ],
        look=reasoned(tiles[1:5], say),
        advisor_url="/advisor",
        max_quantity=1,
        problem=None,
    )


def codes(say: Sayer, here: str = "/bag") -> Vm:
    """A voucher, a gift card with something left on it, a code that is of no use now, and one that was refused."""
    return Vm(
        items=[
            Vm(
                code="HJ5K-TMN0-32QV",
                label=say("Winter", "冬日", "الشتاء"),
                text="−¥2,840",
                note="",
                good=True,
            ),
            Vm(
                code="7M2P-4XQ9-JKMN",
                label=say("Gift card ending in JKMN", "尾号 JKMN 的礼品卡", "بطاقة هدية تنتهي بـ JKMN"),
                text="−¥1,000",
                note=say("¥500 stays on it.", "卡内尚余 ¥500。", "يبقى عليها ¥500."),
                good=True,
            ),
            Vm(
                code="9Q2X-4XQ9-0TT0",
                label=say("Code ending in 0TT0", "尾号 0TT0 的代码", "رمز ينتهي بـ 0TT0"),
                text="",
                note=say("This code has been used up.", "此代码已用尽。", "استُنفد هذا الرمز."),
                good=False,
            ),
        ],
        problem=say("This code is not valid.", "此代码无效。", "هذا الرمز غير صالح."),
        return_to=here,
        open=True,
    )


def no_codes(here: str) -> Vm:
    return Vm(items=[], problem=None, return_to=here, open=False)


def bag(say: Sayer) -> Vm:
    tiles = pieces(say)

    def line(n: int, **more: object) -> Vm:
        t = tiles[n]
        fields = {
            "id": f"lin_{n}",
            "url": t.url,
            "house": t.house,
            "name": t.name,
            "detail": say("Chestnut", "栗色", "كستنائي"),
            "picture": t.picture,
            "price": t.price,
            "reasons": [],
            "promise": None,
            "quantity": 1,
            "quantities": [1],
            "hold_text": None,
            "change": None,
            "note": None,
            "was": 1,
        }
        return Vm(**{**fields, **more})

    held = say("Held for you until 16:40", "为您保留至 16:40", "محجوزة لك حتى 16:40")
    reasons = [
        say(
            "This is the house's own price in China, with duties and taxes. It is the same for every member.",
            "此为品牌在中国的定价，含关税与税费，对每位会员一致。",
            "هذا سعر الدار في الصين شاملا الرسوم والضرائب، وهو واحد لكل الأعضاء.",
        )
    ]
    return Vm(
        lines=[
            line(
                0,
                hold_text=held,
                reasons=[say("Winter, 10%: −¥2,840", "冬日，10%：−¥2,840", "الشتاء، 10%: −¥2,840")],
            ),
            line(
                3,
                quantities=[1, 2, 3],
                quantity=1,
                change=say(
                    "It was ¥4,450 when you last saw it, and is ¥4,650 now.",
                    "您上次看到时为 ¥4,450，现为 ¥4,650。",
                    "كان سعرها ¥4,450 حين رأيتها آخر مرة، وهو الآن ¥4,650.",
                ),
                detail="90 × 90 cm",
                promise=say(
                    "On its way to us, expected by 12 January 2027",
                    "正在运往本店，预计2027年1月12日前到达",
                    "في طريقها إلينا، نتوقعها قبل 12 يناير 2027",
                ),
            ),
        ],
        codes=codes(say),
        gone=[line(2, note=say("Sold on 21 November", "11月21日售出", "بيعت في 21 نوفمبر"))],
        totals=[totals(say)[0], totals(say)[1], totals(say)[3]],
        reasons=reasons,
        delivery_text=say(
            "With you by Thursday 26 November", "11月26日（周四）前送达", "تصلك قبل الخميس 26 نوفمبر"
        ),
        problem=None,
    )


def checkout(say: Sayer, step: str, *, saved: bool = True) -> Vm:
    address = say("12 Anfu Road, Xuhui, Shanghai", "上海市徐汇区安福路 12 号", "12 شارع آنفو، شنغهاي")
    return Vm(
        step=step,
        addresses=[card("adr_1", say("Lin Weiran", "林蔚然", "ليلى الحربي"), address, current=True)]
        if saved
        else [],
        countries=[choice("CN", say("China", "中国", "الصين"), True)],
        deliveries=[
            card(
                "hand",
                say("By hand, Thursday 26 November", "专人送达，11月26日（周四）", "باليد، الخميس 26 نوفمبر"),
                say("Between 10:00 and 13:00", "10:00–13:00", "بين 10:00 و13:00"),
                say("Included", "已包含", "مشمول"),
                True,
            ),
            card(
                "house",
                say(
                    "At the house in Shanghai, from Wednesday",
                    "周三起于上海店取",
                    "في دارنا بشنغهاي من الأربعاء",
                ),
            ),
        ],
        wrappings=[
            card("house", say("Box and cloth of the house", "品牌礼盒与布袋", "علبة الدار"), current=True),
            card("gift", say("As a gift, no price inside", "礼品包装，不附价格", "هدية بلا سعر")),
        ],
        points=Vm(
            balance_text=say("You have 4,200 points", "您有 4,200 积分", "لديك 4200 نقطة"),
            usable=4000,
            usable_text=say(
                "Up to 4,000 here, worth ¥400", "本单最多可用 4,000，抵 ¥400", "حتى 4000 هنا بقيمة ¥400"
            ),
            rule=say("Ten points are worth one yuan.", "十积分抵一元。", "كل عشر نقاط بيوان."),
        ),
        address_lines=[say("Lin Weiran", "林蔚然", "ليلى الحربي"), address],
        delivery_summary=say(
            "By hand, Thursday 26 November", "专人送达，11月26日（周四）", "باليد، الخميس 26 نوفمبر"
        ),
        points_summary=say("4,000 points, ¥400", "4,000 积分，¥400", "4000 نقطة، ¥400"),
        lines=lines(say),
        totals=totals(say),
        codes=codes(say, "/checkout") if step == "review" else no_codes("/checkout"),
        reasons=[
            say(
                "Arcade 28: ¥28,400. Winter, 10%: −¥2,840. That makes ¥25,560.",
                "拱廊 28：¥28,400。冬日，10%：−¥2,840。即 ¥25,560。",
                "أركاد 28: ¥28,400. الشتاء، 10%: −¥2,840. فيصير ¥25,560.",
            )
        ],
        methods=[
            card(
                "",
                say("Choose on the payment page", "在付款页面选择", "الاختيار في صفحة الدفع"),
                current=True,
            ),
            card("alipay", "Alipay"),
            card("wechat_pay", "WeChat Pay"),
            card("card", say("Card", "银行卡", "بطاقة")),
        ],
        pay_text=say("Pay ¥74,000", "支付 ¥74,000", "ادفع ¥74,000"),
        expected="7400000 CNY",
        bag=4,
        warnings=[
            say(
                "Herbier square, 90: Only 1 is left.",
                "植物志丝巾 90：仅剩 1 件。",
                "مربّع إربييه 90: بقيت 1 فقط.",
            )
        ]
        if step == "review"
        else [],
        charged=True,
        problem=None
        if saved
        else say("The card was declined by its bank.", "发卡行拒绝了此次付款。", "رفض البنك البطاقة."),
        form=form(),
    )


def pages(locale: str) -> dict[str, list[tuple[str, Vm]]]:
    """Template name → the states it is shown in."""
    say = Sayer(locale)
    tiles = pieces(say)
    found = {"pages": None, "suggestions": tiles[:4]}
    shelves = {
        "houses": [link("Orlenne", "/houses/orlenne"), link("Serradine", "/houses/serradine")],
        "categories": [link(say("Bags", "手袋", "الحقائب"), "/pieces/bags")],
    }
    empty_list = Vm(**{**vars(listing(say)), "tiles": [], "pages": None})
    cards = [
        Vm(
            name=t.house,
            url="/houses/x",
            origin="Lyon",
            text=say(
                "Leather, cut and sewn in one room since 1931.",
                "皮具，自 1931 年起于一室之内裁制。",
                "جلود تُقص وتُخاط في غرفة واحدة منذ 1931.",
            ),
            picture=t.picture,
            count_text=say("9 pieces", "9 件", "9 قطع"),
        )
        for t in tiles[:6]
    ]
    return {
        "storefront/shop/home.html": [("", home(say))],
        "storefront/shop/houses.html": [("", Vm(houses=cards))],
        "storefront/shop/list.html": [("", listing(say)), ("empty", empty_list)],
        "storefront/shop/piece.html": [("", piece(say))],
        "storefront/shop/search.html": [
            (
                "",
                Vm(
                    query=say("tote", "托特", "حقيبة"),
                    count_text=say("3 pieces", "3 件", "3 قطع"),
                    houses=[link("Orlenne", "/houses/orlenne")],
                    categories=[link(say("Bags", "手袋", "الحقائب"), "/pieces/bags")],
                    tiles=tiles[:3],
                    **found,
                ),
            ),
            ("start", Vm(query="", count_text="", tiles=tiles[:4], **shelves, **found)),
            ("nothing", Vm(query="umbrella", count_text="", houses=[], categories=[], tiles=[], **found)),
        ],
        "storefront/shop/suggestions.html": [
            (
                "",
                Vm(
                    query="to",
                    houses=[link("Orlenne", "/houses/orlenne")],
                    categories=[link("Bags", "/pieces/bags")],
                    pieces=tiles[:3],
                    all_url="/search?q=to",
                ),
            ),
            ("start", Vm(query="", pieces=[], all_url="/search?q=", **shelves)),
        ],
        "storefront/shop/bag.html": [
            ("", bag(say)),
            (
                "empty",
                Vm(
                    lines=[],
                    gone=[],
                    totals=[],
                    codes=no_codes("/bag"),
                    reasons=[],
                    delivery_text="",
                    problem=None,
                ),
            ),
        ],
        "storefront/shop/checkout.html": [
            (step, checkout(say, step)) for step in ("address", "delivery", "points", "review")
        ]
        + [("first", checkout(say, "address", saved=False))],
        "storefront/shop/checkout_waiting.html": [
            (
                "",
                Vm(
                    text=say(
                        "The bank has said yes. We are writing your order.",
                        "银行已确认，正在生成订单。",
                        "وافق البنك، ونسجل طلبك.",
                    ),
                    amount_text="¥74,000",
                    events_url="/none",
                    status_url="/none",
                ),
            )
        ],
    }
