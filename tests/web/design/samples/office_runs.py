"""Samples of the office's runs: the list, and one run's story while it is stuck, refused an end, and over."""

from tests.web.design.samples.make import Sayer, Vm, choice, form, link

DAY = "2026-11-21 20:14"


def pages(locale: str) -> dict[str, list[tuple[str, Vm]]]:
    """Template name → the states it is shown in."""
    say = Sayer(locale)
    checkout, stuck = (
        say("Checkout", "结算", "إتمام الشراء"),
        say("Needs a person", "需要人工处理", "تحتاج إلى شخص"),
    )
    views = [
        link(stuck, "/office/runs?shown=stuck", True),
        link(say("Under way", "进行中", "جارية"), "/office/runs?shown=running"),
        link(say("Done", "已完成", "تمّت"), "/office/runs?shown=done"),
    ]
    rows = [
        Vm(
            id=f"run_01JD7Q4Z{number}", url=f"/office/runs/{number}", saga=checkout, subject="LX-10402",
            subject_url="/office/orders/1", step="capture", state=stuck, needs_person=True,
            problem="Unavailable('the provider answered 500')", changed=DAY,
        )
        for number in range(3)
    ]  # fmt: skip
    listed = {
        "views": views,
        "sagas": [choice("checkout", checkout)],
        "form": form({"saga": ""}),
        "pages": None,
    }
    return {
        "office/runs.html": [
            ("", Vm(**listed, shown="stuck", rows=rows, nothing_stuck=True)),
            ("empty", Vm(**listed, shown="stuck", rows=[], nothing_stuck=True)),
            ("none", Vm(**listed, shown="refused", rows=[], nothing_stuck=False)),
        ],
        "office/run.html": _stories(say, checkout, stuck),
    }


def _stories(say: Sayer, saga: str, state: str) -> list[tuple[str, Vm]]:
    done = say("Done", "已完成", "تمّت")
    failing = say("Kept failing; needs a person", "多次失败，需要人工处理", "أخفقت مراراً، وتحتاج إلى شخص")
    steps = [
        Vm(
            name=name,
            is_pivot=name == "capture",
            is_here=name == "capture",
            attempts="8",
            outcome=outcome,
            at=DAY,
        )
        for name, outcome in (
            ("hold", done),
            ("authorise", done),
            ("place", done),
            ("capture", failing),
            ("commit", ""),
        )
    ]
    history = [
        Vm(at=DAY, step="place", outcome=done, actor="Lin Weiran", note=""),
        Vm(at=DAY, step="capture", outcome=failing, actor="Lin Weiran", note="Unavailable('500')"),
    ]
    story = {
        "id": "run_01JD7Q4Z", "saga": saga, "state": state, "needs_person": True, "problem": "Unavailable('500')",
        "subject_url": "/office/orders/1",
        "facts": [Vm(label=say("Member", "会员", "العضو"), value="Lin Weiran")],
        "codes": [Vm(label=say("Request", "请求", "الطلب الأصلي"), value="req_01JD7Q")],
        "steps": steps, "history": history,
        "papers": [Vm(label=say("What its steps left", "各步骤的结果", "ما خلّفته خطواتها"), text='{"place": "ord_1"}')],
        "may_resume": True, "may_undo": True, "may_close": True, "form": form(),
    }  # fmt: skip
    sure = say("Say why the run is ended.", "请说明终止的原因。", "بيّن سبب إنهاء العملية.")
    over = {"may_resume": False, "may_undo": False, "may_close": False, "needs_person": False, "problem": ""}
    return [
        ("", Vm(**story)),
        ("refused", Vm(**story | {"form": form(errors={"reason": sure})})),
        ("over", Vm(**story | over | {"history": [], "papers": [], "subject_url": None})),
    ]
