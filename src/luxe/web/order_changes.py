"""Taking pieces out of an order, on pages: what is chosen, what it would give back and why, and the answer to it. Members and
operators see the same."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from litestar import Response

from luxe.kernel import i18n
from luxe.kernel.errors import Refusal
from luxe.kernel.money import Money, MoneyError
from luxe.sagas.edit_order.contract import EditPreview, PreviewPart, WantedLine
from luxe.services.orders.contract import Order, OrderLine
from luxe.web.site import Site, Visitor, see
from luxe.web.views import Choice, Form, Total, page
from luxe.web.words import code_text

SETTLES_WITHIN = 5.0
CHANGEABLE = ("paid", "partly_shipped")
_FIELD = "keep_"


def may_change(order: Order) -> bool:
    """Whether something could be taken out, and something left."""
    pieces = sum(line.quantity for line in order.draft.lines)
    return order.state in CHANGEABLE and pieces > 1


async def change_view(
    site: Site, visitor: Visitor, order: Order, typed: Mapping[str, str], here: str, account_id: str
) -> tuple[Any, int]:
    """The page's view and status: the form alone, or with what `typed` would do."""
    wanted = wanted_lines(order, typed)
    shown, form = None, Form()
    if wanted is not None:
        try:
            shown = await site.edit_order.preview(order_id=order.id, lines=wanted, account_id=account_id)
        except Refusal as refusal:
            if refusal.status == HTTPStatus.NOT_FOUND:
                raise
            form = Form(summary=code_text(visitor.words, refusal.code))
    view = page(
        number=order.number,
        order_url=here,
        url=f"{here}/change",
        confirm_url=f"{here}/changes",
        lines=[_line(visitor, line, typed) for line in order.draft.lines],
        preview=_preview(visitor, order, shown) if shown is not None else None,
        needs_reason=not account_id,
        form=form,
    )
    return view, HTTPStatus.UNPROCESSABLE_ENTITY if form.summary else HTTPStatus.OK


async def change_order(
    site: Site, visitor: Visitor, order: Order, typed: dict[str, str], here: str, account_id: str
) -> Response[Any]:
    """Does what the page had shown; where something else would go back by now, shows that instead."""
    wanted = wanted_lines(order, typed)
    if not typed.get("idempotency_key") or wanted is None:
        return see(f"{here}/change")
    try:
        begun = await site.edit_order.start(
            key=typed["idempotency_key"],
            by=visitor.id,
            order_id=order.id,
            lines=wanted,
            reason=typed.get("reason", ""),
            account_id=account_id,
            expected=_expected(order, typed.get("expected", "")),
        )
    except Refusal as refusal:
        if refusal.status == HTTPStatus.NOT_FOUND:
            raise
        return see(f"{here}?problem={refusal.code}")
    watched = await site.edit_order.watch(run=begun.run, account_id=account_id, seconds=SETTLES_WITHIN)
    if watched.problem_code == "refund_changed":
        return see(f"{here}/change?{urlencode(_asked(wanted))}")
    return see(f"{here}?problem={watched.problem_code}") if watched.problem_code else see(here, "saved")


def wanted_lines(order: Order, typed: Mapping[str, str]) -> list[WantedLine] | None:
    """None if nothing was chosen yet. What is no number of the line's pieces leaves the line as it is."""
    if not any(name.startswith(_FIELD) for name in typed):
        return None
    return [
        WantedLine(variant_id=line.variant_id, quantity=_number(typed, line)) for line in order.draft.lines
    ]


def _number(typed: Mapping[str, str], line: OrderLine) -> int:
    text = typed.get(_FIELD + line.variant_id, "")
    return min(int(text), line.quantity) if text.isdecimal() and len(text) < 6 else line.quantity


def _asked(wanted: list[WantedLine]) -> dict[str, int]:
    return {_FIELD + each.variant_id: each.quantity for each in wanted}


def _expected(order: Order, text: str) -> Money | None:
    try:
        return Money(int(text), order.draft.payable.currency)
    except (ValueError, MoneyError):
        return None


def _line(visitor: Visitor, line: OrderLine, typed: Mapping[str, str]) -> Any:
    _ = visitor.words.gettext
    kept = _number(typed, line)
    choices = [
        Choice(
            value=str(number),
            label=i18n.format_number(number, visitor.locale) if number else _("Take it out"),
            current=number == kept,
        )
        for number in range(line.quantity, -1, -1)
    ]
    return page(
        field=_FIELD + line.variant_id,
        name=line.title,
        house=line.brand,
        detail=line.label,
        price=i18n.format_money(line.unit, visitor.locale),
        choices=choices,
        kept=str(kept),
    )


def _preview(visitor: Visitor, order: Order, shown: EditPreview) -> Any:
    _ = visitor.words.gettext

    def money(amount: Money) -> str:
        return i18n.format_money(amount, visitor.locale)

    points = [
        (_("Points that come back: %(points)s"), shown.points_back),
        (_("Points that this order had earned and go: %(points)s"), shown.points_taken),
    ]
    by_provider = shown.refund - shown.gift
    ways = [(_("With our payment provider"), by_provider), (_("To your gift cards"), shown.gift)]
    return page(
        rows=[
            page(
                label=_label(visitor, part),
                before=money(part.before),
                after=money(part.after),
                same=part.before == part.after,
                note=_why(visitor, part),
            )
            for part in shown.parts
        ],
        before=money(shown.paid_before),
        after=money(shown.paid_after),
        refund=money(shown.refund),
        ways=[Total(label=label, value=money(amount)) for label, amount in ways if amount.minor],
        points=[
            text % {"points": i18n.format_number(number, visitor.locale)} for text, number in points if number
        ],
        expected=str(shown.refund.minor),
    )


def _label(visitor: Visitor, part: PreviewPart) -> str:
    _ = visitor.words.gettext
    names = {"delivery": _("Delivery"), "tax": _("Taxes"), "points": _("Paid with points")}
    if part.kind == "piece":
        before, after = (
            i18n.format_number(number, visitor.locale)
            for number in (part.quantity_before, part.quantity_after)
        )
        return f"{part.name}, {before}" if before == after else f"{part.name}, {before} → {after}"
    return names.get(part.kind, part.name)


def _why(visitor: Visitor, part: PreviewPart) -> str:
    """Why something changes that nobody has chosen."""
    _ = visitor.words.gettext
    if part.before == part.after:
        return ""
    if part.kind == "discount":
        lost = _("What is left does not reach this discount.")
        return _("Reckoned anew for what is left.") if part.after.minor else lost
    if part.kind == "delivery":
        return _("What delivery costs for what is left.")
    texts = {
        "tax": _("In proportion to what is left."),
        "points": _("Points pay the same share of what is left; the others come back as points."),
    }
    return texts.get(part.kind, "")
