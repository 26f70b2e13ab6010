"""Others' facts become mails to people and events for machines; a fact that is both costs one inbox row."""

from __future__ import annotations

import msgspec

from luxe.kernel.facts import Fact
from luxe.services.bag.contract import PieceIsBack
from luxe.services.catalog.contract import ProductChanged
from luxe.services.fulfilment.contract import ShipmentMoved
from luxe.services.identity.contract import EmailVerificationAsked, RecoveryAsked, SignedInFromNewDevice
from luxe.services.inventory.contract import StockChanged, StockRanLow
from luxe.services.membership.contract import (
    ApplicationDecided,
    ApplicationSubmitted,
    InvitationIssued,
    MembershipActivated,
)
from luxe.services.notifications.service import Notifications
from luxe.services.orders.contract import (
    ExchangeOwes,
    OrderCancelled,
    OrderDelivered,
    OrderEdited,
    OrderPaid,
    OrderPlaced,
    OrderRefunded,
    OrderShipped,
    ReturnMoved,
)
from luxe.services.promotions.contract import TierGiftGiven


async def on_email_verification_asked(service: Notifications, fact: EmailVerificationAsked) -> None:
    await service.write("verify_email", account_id=fact.account_id, ticket=fact.ticket)


async def on_recovery_asked(service: Notifications, fact: RecoveryAsked) -> None:
    await service.write("recover", account_id=fact.account_id, ticket=fact.ticket)


async def on_new_device(service: Notifications, fact: SignedInFromNewDevice) -> None:
    await service.write("new_device", account_id=fact.account_id, device=fact.device, at=fact.at.isoformat())


async def on_invitation_issued(service: Notifications, fact: InvitationIssued) -> None:
    if fact.email:
        await service.write(
            "invitation", address=fact.email, locale=fact.locale, invitation_id=fact.invitation_id
        )


async def on_application_submitted(service: Notifications, fact: ApplicationSubmitted) -> None:
    await service.write("application_submitted", account_id=fact.account_id)


async def on_application_decided(service: Notifications, fact: ApplicationDecided) -> None:
    if fact.approved:
        await service.write("application_approved", account_id=fact.account_id)
    else:
        await service.write("application_declined", account_id=fact.account_id, reason=fact.reason)


async def on_membership_activated(service: Notifications, fact: MembershipActivated) -> None:
    await service.write(
        "membership_activated",
        account_id=fact.account_id,
        tier=fact.tier,
        number=fact.number,
        until=fact.until.isoformat(),
    )
    await service.publish(fact)


async def is_listened_to(service: Notifications, fact: Fact) -> bool:
    return await service.is_listened_to(fact)


async def on_order_placed(service: Notifications, fact: OrderPlaced) -> None:
    await service.publish(fact)


async def on_order_paid(service: Notifications, fact: OrderPaid) -> None:
    await service.write("order_paid", account_id=fact.account_id, order_id=fact.order_id)
    await service.publish(fact)


async def on_order_cancelled(service: Notifications, fact: OrderCancelled) -> None:
    template = "order_cancelled" if fact.refunded is None else "order_cancelled_refunded"
    await service.write(template, account_id=fact.account_id, order_id=fact.order_id, reason=fact.reason)
    await service.publish(fact)


async def on_order_shipped(service: Notifications, fact: OrderShipped) -> None:
    """Of an order that went in shipments, each of them has its letter."""
    if not fact.shipment:
        await service.write("order_shipped", account_id=fact.account_id, order_id=fact.order_id)
    await service.publish(fact)


async def is_parcel_sent(service: Notifications, fact: ShipmentMoved) -> bool:
    """Of the rest of its way the order's page tells."""
    return fact.state == "handed_over" or await is_listened_to(service, fact)


async def on_shipment_moved(service: Notifications, fact: ShipmentMoved) -> None:
    if fact.state == "handed_over":
        await service.write(
            "parcel_sent",
            account_id=fact.account_id,
            order_id=fact.order_id,
            parcel=fact.number,
            carrier=fact.carrier,
            tracking=fact.tracking_number,
        )
    await service.publish(fact)


async def on_order_delivered(service: Notifications, fact: OrderDelivered) -> None:
    await service.publish(fact)


async def on_order_refunded(service: Notifications, fact: OrderRefunded) -> None:
    """Of a cancellation and of an edit the letter about the order tells."""
    if fact.kind not in ("cancellation", "edit"):
        await service.write(
            "order_refunded", account_id=fact.account_id, order_id=fact.order_id, refund_id=fact.refund_id
        )
    await service.publish(fact)


async def on_order_edited(service: Notifications, fact: OrderEdited) -> None:
    await service.write(
        "order_edited", account_id=fact.account_id, order_id=fact.order_id, edit_id=fact.edit_id
    )
    await service.publish(fact)


async def on_exchange_owes(service: Notifications, fact: ExchangeOwes) -> None:
    owed, until = msgspec.to_builtins(fact.owed), fact.until.isoformat()
    await service.write(
        "exchange_owes", account_id=fact.account_id, return_id=fact.return_id, owed=owed, until=until
    )


async def is_told_by_letter(_: Notifications, fact: ReturnMoved) -> bool:
    """Of a refund its own letter tells; what the member did, the member knows."""
    return fact.state in ("approved", "declined", "refused")


async def on_return_moved(service: Notifications, fact: ReturnMoved) -> None:
    await service.write(f"return_{fact.state}", account_id=fact.account_id, return_id=fact.return_id)


async def on_piece_is_back(service: Notifications, fact: PieceIsBack) -> None:
    await service.write("piece_is_back", account_id=fact.account_id, variant_id=fact.variant_id)


async def on_gift_given(service: Notifications, fact: TierGiftGiven) -> None:
    await service.write("gift_given", account_id=fact.account_id, card_id=fact.card_id)


async def on_product_changed(service: Notifications, fact: ProductChanged) -> None:
    await service.publish(fact)


async def on_stock_changed(service: Notifications, fact: StockChanged) -> None:
    await service.publish(fact)


async def on_stock_ran_low(service: Notifications, fact: StockRanLow) -> None:
    await service.publish(fact)
