"""Samples of the way in: gate, account, application, fee, card."""

from tests.web.design.samples.make import Sayer, Vm, card, choice, form, picture


def event(title: str, date: str, state: str, detail: str = "") -> Vm:
    return Vm(title=title, date=date, state=state, detail=detail)


def silver_card(say: Sayer) -> Vm:
    return Vm(
        tier="silver",
        tier_name=say("Silver", "银卡", "فضي"),
        name=say("Lin Weiran", "林蔚然", "ليلى الحربي"),
        number="LX 2026 0417",
        since=say("Member since November 2026", "2026 年 11 月入会", "عضو منذ نوفمبر 2026"),
    )


def steps(say: Sayer) -> list[Vm]:
    return [
        event(
            say("Account made", "账户已建立", "أُنشئ الحساب"),
            say("18 November 2026", "2026年11月18日", "18 نوفمبر 2026"),
            "done",
        ),
        event(
            say("Application sent", "申请已递交", "أُرسل الطلب"),
            say("19 November 2026", "2026年11月19日", "19 نوفمبر 2026"),
            "done",
        ),
        event(
            say("A person reads it", "专人审阅中", "يقرؤه أحد موظفينا"),
            say("By 24 November 2026", "2026年11月24日前", "قبل 24 نوفمبر 2026"),
            "current",
        ),
        event(say("Annual fee", "年费", "الرسم السنوي"), "", "waiting"),
    ]


def pages(locale: str) -> dict[str, list[tuple[str, Vm]]]:
    """Template name → the states it is shown in."""
    say = Sayer(locale)
    hall = picture(
        "editorial-still-life-journey",
        say("A staircase in morning light", "晨光中的楼梯", "درج في ضوء الصباح"),
        2000,
        1250,
        "#c9b69a",
    )
    inviter = say("Madame Chen", "陈女士", "السيدة نورة")
    means = say("CN¥500,000", "¥500,000", "CN¥ 500,000")
    fee = say("CN¥9,800", "¥9,800", "CN¥ 9,800")
    wrong = form(
        {"code": "LX-4417"},
        {
            "code": say(
                "This code has been used or its time has passed.",
                "此邀请码已使用或已过期。",
                "استُخدم هذا الرمز أو انتهت مدته.",
            )
        },
    )
    sources = [
        card("employment", say("Employment", "薪酬", "وظيفة")),
        card("business", say("A business of my own", "自有企业", "عمل خاص")),
        card("assets", say("Investments or property", "投资或房产", "استثمارات أو عقارات")),
        card("family", say("Family", "家族", "العائلة")),
    ]
    application = Vm(
        means_text=means,
        countries=[
            choice("CN", say("China", "中国", "الصين"), True),
            choice("FR", say("France", "法国", "فرنسا")),
        ],
        sources=sources,
        form=form(
            {"city": "Shanghai"},
            {"reference_1_name": say("Tell us who knows you.", "请填写推荐人姓名。", "أخبرنا من يعرفك.")},
        ),
    )
    status = {
        "submitted_on": say("19 November 2026", "2026年11月19日", "19 نوفمبر 2026"),
        "answer_by": say("24 November 2026", "2026年11月24日", "24 نوفمبر 2026"),
        "steps": steps(say),
        "fee_text": fee,
        "reason": None,
    }
    reason = say(
        "One of your references could not be reached.",
        "我们未能联系到其中一位推荐人。",
        "تعذّر علينا الوصول إلى أحد المعرّفين.",
    )
    waiting = Vm(
        text=say("We are asking the payment provider.", "正在向支付机构确认。", "نتحقق لدى مزوّد الدفع."),
        events_url="/none",
        status_url="/none",
    )
    benefits = [
        say("A named advisor who answers in person", "一位专属顾问，亲自回复", "مستشار باسمه يرد عليك بنفسه"),
        say("First sight of new pieces, two days before gold guests", "新品先睹", "رؤية القطع الجديدة أولا"),
        say("Delivery by hand in eleven cities", "十一座城市专人送达", "توصيل باليد في إحدى عشرة مدينة"),
    ]
    return {
        "storefront/door/gate.html": [
            ("invited", Vm(picture=hall, inviter=inviter, waiting=False, form=form())),
            ("refused", Vm(picture=hall, inviter=None, waiting=False, form=wrong)),
            ("waiting", Vm(picture=hall, inviter=None, waiting=True, form=form())),
        ],
        "storefront/door/join_account.html": [
            (
                "",
                Vm(
                    picture=hall,
                    inviter=inviter,
                    bound_email="w@example.com",
                    form=form({"email": "w@example.com"}),
                ),
            )
        ],
        "storefront/door/verify.html": [
            ("", Vm(picture=hall, email="w@example.com", resent=False, form=form()))
        ],
        "storefront/door/sign_in.html": [("", Vm(picture=hall, return_to="/", form=form()))],
        "storefront/door/recover.html": [
            ("", Vm(picture=hall, sent=False, form=form())),
            ("sent", Vm(picture=hall, sent=True, form=form())),
        ],
        "storefront/door/recover_finish.html": [
            ("", Vm(picture=hall, token="t", email="w@example.com", form=form()))
        ],
        "storefront/door/application.html": [("", application)],
        "storefront/door/application_status.html": [
            ("submitted", Vm(state="submitted", **status)),
            ("approved", Vm(state="approved", **status)),
            (
                "declined",
                Vm(
                    state="declined",
                    **{
                        **status,
                        "reason": reason,
                        "answer_by": say("1 June 2027", "2027年6月1日", "1 يونيو 2027"),
                    },
                ),
            ),
        ],
        "storefront/door/fee.html": [
            (
                "",
                Vm(
                    fee_text=fee,
                    period_text=say(
                        "For the year to 22 November 2027",
                        "有效至 2027年11月22日",
                        "للسنة حتى 22 نوفمبر 2027",
                    ),
                    benefits=benefits,
                    problem=None,
                ),
            )
        ],
        "storefront/door/fee_waiting.html": [("", waiting)],
        "storefront/onward.html": [("", Vm(url="#main", host="pay.example"))],
        "storefront/door/welcome.html": [
            (
                "",
                Vm(
                    card=silver_card(say),
                    name=say("Lin Weiran", "林蔚然", "ليلى"),
                    valid_text=say(
                        "Your membership runs to 22 November 2027.",
                        "会籍有效至 2027年11月22日。",
                        "عضويتك سارية حتى 22 نوفمبر 2027.",
                    ),
                ),
            )
        ],
    }
