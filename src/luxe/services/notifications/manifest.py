"""Notifications, as the app sees it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from luxe.kernel.manifest import Job, Manifest, Reaction
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
from luxe.services.notifications import api, jobs, reactions, tables
from luxe.services.notifications.contract import Port
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

manifest = Manifest(
    name="notifications",
    port=Port,
    build=Notifications,
    metadata=tables.metadata,
    migrations=str(Path(__file__).parent / "migrations"),
    routers=api.handlers,
    reactions=[
        Reaction(EmailVerificationAsked, reactions.on_email_verification_asked),
        Reaction(RecoveryAsked, reactions.on_recovery_asked),
        Reaction(SignedInFromNewDevice, reactions.on_new_device),
        Reaction(InvitationIssued, reactions.on_invitation_issued),
        Reaction(ApplicationSubmitted, reactions.on_application_submitted),
        Reaction(ApplicationDecided, reactions.on_application_decided),
        Reaction(MembershipActivated, reactions.on_membership_activated),
        Reaction(OrderPlaced, reactions.on_order_placed, reactions.is_listened_to),
        Reaction(OrderPaid, reactions.on_order_paid),
        Reaction(OrderCancelled, reactions.on_order_cancelled),
        Reaction(OrderShipped, reactions.on_order_shipped),
        Reaction(ShipmentMoved, reactions.on_shipment_moved, reactions.is_parcel_sent),
        Reaction(OrderDelivered, reactions.on_order_delivered, reactions.is_listened_to),
        Reaction(OrderRefunded, reactions.on_order_refunded),
        Reaction(OrderEdited, reactions.on_order_edited),
        Reaction(ExchangeOwes, reactions.on_exchange_owes),
        Reaction(ReturnMoved, reactions.on_return_moved, reactions.is_told_by_letter),
        Reaction(PieceIsBack, reactions.on_piece_is_back),
        Reaction(TierGiftGiven, reactions.on_gift_given),
        Reaction(ProductChanged, reactions.on_product_changed, reactions.is_listened_to),
        Reaction(StockChanged, reactions.on_stock_changed, reactions.is_listened_to),
        Reaction(StockRanLow, reactions.on_stock_ran_low, reactions.is_listened_to),
    ],
    jobs=[
        Job(jobs.send_due, timedelta(seconds=2)),
        Job(jobs.clear_old, timedelta(hours=1)),
    ],
    requires=["identity", "membership", "orders", "catalog", "promotions"],
)
