"""What an edit would give back, part by part."""

from __future__ import annotations

from luxe.kernel.money import Money
from luxe.sagas.edit_order.contract import EditPreview, PreviewPart
from luxe.services.loyalty.contract import Reversal
from luxe.services.orders.contract import EditPlan, Order, OrderDraft


def preview_of(order: Order, plan: EditPlan, points: Reversal) -> EditPreview:
    before, after = plan.before, plan.after
    return EditPreview(
        order_id=order.id,
        number=order.number,
        parts=[*_pieces(before, after), *_discounts(before, after), *_others(before, after)],
        paid_before=before.paid,
        paid_after=after.paid,
        refund=plan.amount,
        gift=plan.gift,
        points_back=points.given_back,
        points_taken=points.taken_back,
    )


def _pieces(before: OrderDraft, after: OrderDraft) -> list[PreviewPart]:
    kept = {line.variant_id: line for line in after.lines}
    nothing = Money.zero(before.payable.currency)
    return [
        PreviewPart(
            kind="piece",
            name=line.title,
            before=line.total,
            after=kept[line.variant_id].total if line.variant_id in kept else nothing,
            variant_id=line.variant_id,
            quantity_before=line.quantity,
            quantity_after=kept[line.variant_id].quantity if line.variant_id in kept else 0,
        )
        for line in before.lines
    ]


def _discounts(before: OrderDraft, after: OrderDraft) -> list[PreviewPart]:
    """Two of one name are told apart by nobody, and stand together."""
    nothing = Money.zero(before.payable.currency)
    names = list(dict.fromkeys(each.name for each in before.discounts))

    def off(draft: OrderDraft, name: str) -> Money:
        return -sum((each.amount for each in draft.discounts if each.name == name), nothing)

    return [
        PreviewPart(kind="discount", name=name, before=off(before, name), after=off(after, name))
        for name in names
    ]


def _others(before: OrderDraft, after: OrderDraft) -> list[PreviewPart]:
    """Those that the order has, whether they change or not."""
    nothing = Money.zero(before.payable.currency)
    parts = [
        PreviewPart(kind="delivery", name="", before=before.delivery, after=after.delivery),
        PreviewPart(
            kind="tax", name="", before=before.tax_added or nothing, after=after.tax_added or nothing
        ),
        PreviewPart(kind="points", name="", before=-before.points_worth, after=-after.points_worth),
    ]
    return [part for part in parts if part.before.minor or part.after.minor]
