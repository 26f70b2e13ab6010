"""Samples of bank transfers and of codes to scan: the payer's pages, and the office's queue."""

from luxe.web.storefront.scan import code_path
from tests.web.design.samples.make import Sayer, Vm, choice, form, link


def pages(locale: str) -> dict[str, list[tuple[str, Vm]]]:
    """Template name → the states it is shown in."""
    say = Sayer(locale)
    facts = [
        Vm(label=say("Pay to", "收款方", "المستفيد"), value="LUXE SARL"),
        Vm(label=say("Account", "账号", "الحساب"), value="FR76 3000 6000 0112 3456 7890 189"),
        Vm(label=say("Amount", "金额", "المبلغ"), value="€12,800.00"),
        Vm(label=say("Reference", "编号", "المرجع"), value="LX 5N6P7 R8T9V"),
    ]
    advice = Vm(waiting=True, over=False, came="", facts=facts, pay_by="2026-11-30", return_url="/back")
    partly, over, arrived = (Vm(**vars(advice)) for _ in range(3))
    partly.came = "€10,000.00"
    over.waiting, over.over, arrived.waiting = False, True, False
    views = [
        link(say("To be matched", "待匹配", "بانتظار المطابقة"), "/office/transfers", True),
        link(say("Matched", "已匹配", "مطابَقة"), "/office/transfers?shown=matched"),
    ]
    rows = [
        Vm(
            id="bkt_1",
            entry="2026112300417",
            text="LX 5N6P7 R8T9V Lin Weiran",
            amount="€12,800.00",
            day="2026-11-23",
            suggested="pay_01jd7q2x8zf3k9m4n5p6r7s801",
            intent="",
        )
    ]
    queue = Vm(
        views=views,
        shown="open",
        rows=rows,
        refunds=[Vm(id="rfd_1", amount="€3,000.00", reason="size", run="run_01JD7Q4Z")],
        currencies=[choice("EUR", "EUR")],
        statements=[
            Vm(
                url="/office/transfers/statements/bst_1",
                name="2026-11-22.csv",
                day="2026-11-23",
                applied=False,
            ),
            Vm(
                url="/office/transfers/statements/bst_2",
                name="2026-11-21.xml",
                day="2026-11-22",
                applied=True,
            ),
        ],
        faults=[],
        form=form(),
        pages=None,
    )
    matched, faulty = Vm(**vars(queue)), Vm(**vars(queue))
    matched.rows = [Vm(**vars(rows[0]) | {"intent": rows[0].suggested})]
    faulty.faults = [Vm(row=3, column="amount", message="'one' is not an amount")]
    read = Vm(
        id="bst_1",
        name="2026-11-22.csv",
        applied=False,
        facts=[Vm(label=say("Days", "日期", "الأيام"), value="2026-11-21 – 2026-11-22")],
        sums=[Vm(label=say("Pays", "付清", "يسدّد"), value="1"), Vm(label=say("Too little", "不足", "أقل من اللازم"), value="1")],
        rows=[
            Vm(
                row=2, entry="2026112200417", text="LX 5N6P7 R8T9V Lin Weiran", day="2026-11-22", amount="€12,800.00",
                verdict=say("Pays", "付清", "يسدّد"), settled=True, intent="pay_01jd7q2x8zf3k9m4n5p6r7s801",
            ),
            Vm(
                row=3, entry="2026112200418", text="LX 5N6P7 R8T9W", day="2026-11-22", amount="€100.00",
                verdict=say("Too little", "不足", "أقل من اللازم"), settled=False, intent="pay_01jd7q2x8zf3k9m4n5p6r7s802",
            ),
        ],
    )  # fmt: skip
    applied, nothing = Vm(**vars(read)), Vm(**vars(read))
    applied.applied, nothing.rows, nothing.sums = True, [], []
    width, path = code_path("weixin://wxpay/bizpayurl?pr=pay_01jd7q2x8zf3k9m4n5p6r7s801")
    code = Vm(
        way="scan", leave_url="", code_width=width, code_path=path, amount_text="¥12,800.00", pay_by="2026-11-23, 18:30",
        return_url="/checkout/return?run=run_1", events_url="/checkout/events?run=run_1", status_url="/checkout/status?run=run_1",
    )  # fmt: skip
    phone, closed, paid, silent = (
        Vm(**vars(code) | {"way": way}) for way in ("leave", "over", "paid", "silent")
    )
    phone.leave_url = "/wechat_pay/pay?prepay_id=1"
    card = Vm(
        run="run_1", amount_text="¥12,800.00", frame_url="about:blank", frame_origin="http://127.0.0.1", problem="",
        hosted_url="/psp/pay/pi_1",
    )  # fmt: skip
    refused = Vm(
        **vars(card) | {"problem": say("Please type it again.", "请重新输入。", "أعد الكتابة من فضلك.")}
    )
    empty = Vm(**vars(queue))
    empty.rows, empty.refunds, empty.statements = [], [], []
    return {
        "storefront/shop/transfer.html": [
            ("", advice),
            ("partly", partly),
            ("over", over),
            ("arrived", arrived),
        ],
        "storefront/shop/card.html": [("", card), ("refused", refused)],
        "storefront/shop/scan.html": [
            ("", code),
            ("phone", phone),
            ("over", closed),
            ("paid", paid),
            ("silent", silent),
        ],
        "office/transfers.html": [("", queue), ("empty", empty), ("matched", matched), ("faulty", faulty)],
        "office/bank_statement.html": [("", read), ("applied", applied), ("nothing", nothing)],
    }
