"""The web, as the app sees it: every page of every surface."""

from __future__ import annotations

from litestar import Router
from litestar.exceptions import HTTPException

from luxe.kernel.errors import Refusal
from luxe.kernel.manifest import Manifest
from luxe.web import elsewhere, errors, reference, static_files
from luxe.web.office import (
    applications,
    bank_statements,
    cases,
    deliveries,
    invitations,
    locations,
    order_actions,
    order_notes,
    pages,
    points,
    promotions,
    runs,
    shipments,
    stock,
    tier_gifts,
    transfers,
)
from luxe.web.office import bills as office_bills
from luxe.web.office import order_change as office_order_change
from luxe.web.office import orders as office_orders
from luxe.web.office import returns as office_returns
from luxe.web.office import scripts as office_scripts
from luxe.web.site import Site
from luxe.web.storefront import (
    bag,
    bills,
    card,
    checkout,
    checkout_return,
    checkout_steps,
    documents,
    door,
    exchanges,
    home,
    hub,
    join,
    listing,
    order_change,
    order_edits,
    orders,
    passkeys,
    piece,
    returns,
    scan,
    search,
    settings,
    transfer,
    wishes,
)

_DOOR = [
    door.door_file, door.enter, door.sign_in_page, door.sign_in, door.sign_out, door.recover_page, door.ask_recovery,
    door.recover, door.preferences, passkeys.register_options, passkeys.register, passkeys.sign_in_options,
    passkeys.sign_in, documents.document,
]  # fmt: skip
_JOIN = [
    join.account_page, join.make_account, join.verify_page, join.resend, join.verify_email, join.application_page,
    join.apply, join.fee_page, join.pay_fee, join.returned, join.status, join.events, join.welcome,
]  # fmt: skip
_SHOP = [
    home.home, home.houses, listing.everything, listing.of_category, listing.of_house, search.search, search.suggest,
    piece.piece, bag.show, bag.add, bag.change, bag.remove, bag.enter_code, bag.remove_code, checkout.show,
    checkout_steps.choose_address, checkout_steps.choose_delivery, checkout_steps.choose_points, checkout_steps.pay,
    checkout_return.returned, checkout_return.status, checkout_return.events, transfer.show, scan.show, card.show, card.confirm,
]  # fmt: skip
_ACCOUNT = [
    wishes.wishes, wishes.wait, wishes.wish, orders.listing, orders.one, orders.cancel, bills.invoice, bills.bill, order_edits.change_address, order_edits.add_note, order_change.show, order_change.change,
    *exchanges.handlers, returns.ask, returns.withdraw, returns.label, hub.account, hub.points, settings.security, settings.remove_passkey,
    settings.end_session, settings.end_all, settings.password, settings.addresses, settings.add_address,
    settings.prefer_address, settings.remove_address, settings.preferences, settings.privacy, settings.consents,
]  # fmt: skip
_OFFICE = [
    transfers.transfers, transfers.enter, transfers.match, transfers.sent,
    bank_statements.upload, bank_statements.statement, bank_statements.apply, bank_statements.unmatch,
    pages.sign_in_page, pages.sign_in, pages.today, pages.audit, runs.runs, runs.run, runs.retry, runs.end, applications.applications,
    applications.application, applications.approve, applications.decline, office_orders.orders, office_orders.order,
    order_actions.deliver, order_actions.cancel, order_actions.refund, office_order_change.show, office_order_change.change,
    office_scripts.scripts, office_bills.invoice, office_bills.bill, office_bills.packing_slip, order_notes.add_note, office_returns.returns, office_returns.approve, office_returns.decline, office_returns.inspect,
    shipments.shipments, shipments.pack_page, shipments.pack, shipments.shipment, shipments.change, shipments.label,
    deliveries.tables, deliveries.replace, deliveries.appointments, deliveries.put_capacity,
    stock.stock, stock.piece, stock.change, stock.promise, stock.transfer, stock.end_transfer,
    locations.locations, locations.put_location,
    invitations.invitations, invitations.invite, invitations.revoke, cases.cases, cases.case, cases.resolve,
    points.books, points.member_points, points.adjust, points.decide, promotions.vouchers, promotions.voucher,
    promotions.make, promotions.revoke, promotions.gift_cards, promotions.issue, promotions.revoke_card,
    tier_gifts.tier_gifts, tier_gifts.make_tier_gift, tier_gifts.end_tier_gift,
]  # fmt: skip

_PAGES = [
    *_DOOR, *_JOIN, *_SHOP, *_ACCOUNT, *_OFFICE, static_files.static_file, static_files.favicon,
    static_files.editorial, reference.reference, reference.openapi,
]  # fmt: skip

manifest = Manifest(
    name="web",
    build=Site,
    routers=[
        Router(
            path="/",
            route_handlers=[
                *_PAGES, *elsewhere.handlers(_PAGES),
            ],
            exception_handlers={
                Refusal: errors.on_refusal,
                HTTPException: errors.on_http,
                Exception: errors.on_anything,
            },
        )
    ],
    requires=[
        "identity", "membership", "loyalty", "compliance", "brands", "catalog", "media", "search", "pricing",
        "inventory", "promotions", "fulfilment", "bag", "orders", "payments", "join", "checkout",
        "cancel", "refund", "return_item", "edit_order", "exchange",
    ],
)  # fmt: skip
