"""Examples of the OpenAPI document: parameters and bodies of one call of each operation that succeeds.

`tests/rest/test_examples.py` opens a house in which these things exist, and makes every one of these calls as it stands.
"""

from __future__ import annotations

import msgspec

from luxe.app.openapi_forms import Example, example_id
from luxe.app.openapi_payments import PAYMENTS

VARIANT = example_id("var")
SOLD_OUT = "var_01jd7q2x8zf3k9m4n5p6r7s802"
MEMBER = "acc_01jd7q2x8zf3k9m4n5p6r7s803"
ADJUSTMENT = example_id("adj")
VOUCHER = example_id("vou")
GIFT_CARD = example_id("gft")
TIER_GIFT = example_id("tgf")
PRODUCT = example_id("prod")
SESSION = example_id("ses")
PASSKEY = example_id("pky")
KEY = example_id("key")
APPLICATION = example_id("app")
INVITATION = example_id("inv")
ADDRESS = example_id("adr")
ORDER = example_id("ord")
ENDPOINT = example_id("whe")
DELIVERY = example_id("whd")
CHALLENGE = example_id("chl")
CHECKOUT = example_id("run")
TRANSFER = example_id("trf")
TRANSFER_BACK = "trf_01jd7q2x8zf3k9m4n5p6r7s802"
JOIN = "run_01jd7q2x8zf3k9m4n5p6r7s802"
CANCELLATION = "run_01jd7q2x8zf3k9m4n5p6r7s803"
EDIT_RUN = example_id("run", 8)
REFUND = "run_01jd7q2x8zf3k9m4n5p6r7s804"
RETURN_RUN = "run_01jd7q2x8zf3k9m4n5p6r7s805"
EXCHANGE_RUN = example_id("run", 9)
TO_EXCHANGE = example_id("ord", 8)
TO_RETURN = "ord_01jd7q2x8zf3k9m4n5p6r7s806"
RETURN = example_id("ret")
BILL = example_id("bill")
TO_WITHDRAW = "ret_01jd7q2x8zf3k9m4n5p6r7s802"
TO_DECIDE = "ret_01jd7q2x8zf3k9m4n5p6r7s803"
TO_INSPECT = "ret_01jd7q2x8zf3k9m4n5p6r7s804"
TO_SHIP = "ord_01jd7q2x8zf3k9m4n5p6r7s802"
TO_DELIVER = "ord_01jd7q2x8zf3k9m4n5p6r7s803"
TO_CANCEL = "ord_01jd7q2x8zf3k9m4n5p6r7s804"
TO_EDIT = example_id("ord", 9)
TO_REFUND = "ord_01jd7q2x8zf3k9m4n5p6r7s805"
SENT = "ord_01jd7q2x8zf3k9m4n5p6r7s811"
SHIPMENT, TO_HAND_OVER, TO_CALL_OFF, TO_MOVE = (f"shp_01jd7q2x8zf3k9m4n5p6r7s80{at}" for at in range(1, 5))

_ADDRESS = {
    "name": "Lin Weiran",
    "line1": "1 Zhongshan Dong Yi Lu",
    "city": "Shanghai",
    "region": "Shanghai",
    "postcode": "200002",
    "country": "CN",
    "phone": "+86 21 6321 6888",
}
_FORM = {
    "full_name": "Noor Haddad",
    "country": "FR",
    "city": "Paris",
    "birthday": "1986-02-11",
    "declared_spend": {"minor": 9_000_000, "currency": "EUR"},
    "means": "A family firm of restorers",
    "references": ["Chen Yulan, member", "Paul Aubry, notary in Lyon"],
    "houses": ["Ondevar"],
    "truthful": True,
}
_CREDENTIAL = {
    "id": "AQID",
    "rawId": "AQID",
    "type": "public-key",
    "response": {},
    "clientExtensionResults": {},
}
_PAGE = {"limit": 10}
_RETURNED = {"variant_id": VARIANT, "serial": "HM-0005"}


EXAMPLES: dict[str, Example] = {
    "addBagLine": Example(body={"variant_id": VARIANT, "quantity": 1}),
    "putBagLine": Example(parameters={"variant_id": VARIANT}, body={"quantity": 2}),
    "deleteBagLine": Example(parameters={"variant_id": VARIANT}),
    "putWish": Example(parameters={"product_id": PRODUCT}),
    "deleteWish": Example(parameters={"product_id": PRODUCT}),
    "putWait": Example(parameters={"variant_id": SOLD_OUT}),
    "deleteWait": Example(parameters={"variant_id": SOLD_OUT}),
    "listProducts": Example(parameters={"currency": "EUR", **_PAGE}),
    "readProduct": Example(parameters={"slug": "half-moon-bag", "currency": "EUR"}),
    "search": Example(
        parameters={
            "q": "bag",
            "category": ["bags"],
            "brand": ["ondevar"],
            "option": ["Colour:Black"],
            "tag": ["evening"],
            "price_from": "500",
            "price_to": "25000",
            "currency": "CNY",
            "available": True,
            "exclusive": False,
            "discounted": False,
            "with_model": False,
            "sort": "price_up",
            "offset": 0,
            "limit": 24,
        }
    ),
    "suggest": Example(parameters={"q": "half", "limit": 5}),
    "recordConsent": Example(body={"purpose": "newsletter", "version": "2026-01", "given": True}),
    "listAudit": Example(parameters={"target": APPLICATION, **_PAGE}),
    "changeMe": Example(body={"currency": "EUR", "zone": "Europe/Paris"}),
    "endSessions": Example(parameters={"keep_this": True}),
    "endSession": Example(parameters={"session_id": SESSION}),
    "addPasskey": Example(
        body={
            "challenge_id": CHALLENGE,
            "credential": msgspec.json.encode(_CREDENTIAL).decode(),
            "label": "Phone",
        },
        status=400,
    ),
    "removePasskey": Example(parameters={"passkey_id": PASSKEY}),
    "makeApiKey": Example(body={"name": "Till in Shanghai", "scopes": ["catalog:read", "orders:read"]}),
    "revokeApiKey": Example(parameters={"key_id": KEY}),
    "getAvailability": Example(parameters={"variant_id": VARIANT}),
    "receiveUnits": Example(
        parameters={"variant_id": VARIANT},
        body={
            "quantity": 2,
            "reason": "delivery",
            "reference": "DN-2026-118",
            "location": "main",
            "serials": ["OND-88121", "OND-88122"],
            "lot": "2026-W47",
            "note": "two of the winter lot",
        },
    ),
    "getStock": Example(parameters={"variant_id": VARIANT}),
    "listUnits": Example(parameters={"variant_id": VARIANT, **_PAGE}),
    "listMovements": Example(parameters={"variant_id": VARIANT, **_PAGE}),
    "expectUnits": Example(
        parameters={"variant_id": VARIANT},
        body={"quantity": 4, "reason": "spring order", "reference": "PO-2099-7", "on": "2099-03-01"},
    ),
    "arriveUnits": Example(
        parameters={"variant_id": VARIANT},
        body={"quantity": 1, "reason": "made to order", "reference": "DN-2026-119", "location": "shanghai"},
    ),
    "adjustUnits": Example(
        parameters={"variant_id": VARIANT},
        body={"quantity": 1, "cause": "damaged", "reason": "clasp broken", "reference": "QC-41"},
    ),
    "countUnits": Example(
        parameters={"variant_id": VARIANT},
        body={"quantity": 12, "reason": "stocktaking", "location": "shanghai"},
    ),
    "setLowStock": Example(parameters={"variant_id": VARIANT}, body={"at": 3}),
    "putLocation": Example(
        parameters={"code": "paris"},
        body={"name": "Place Vendome", "kind": "boutique", "country": "FR", "active": True},
    ),
    "listTransfers": Example(parameters={"state": "in_transit", **_PAGE}),
    "sendUnits": Example(
        body={
            "variant_id": VARIANT,
            "quantity": 1,
            "origin": "main",
            "destination": "shanghai",
            "reason": "for the window",
            "reference": "TR-12",
        }
    ),
    "receiveTransfer": Example(parameters={"transfer_id": TRANSFER}, body={"serials": []}),
    "cancelTransfer": Example(parameters={"transfer_id": TRANSFER_BACK}, body={"reason": "not needed"}),
    "listPointsStatement": Example(parameters=_PAGE),
    "getPointsTrialBalance": Example(parameters={"at": "2026-11-01T00:00:00Z"}),
    "listPointsRecounts": Example(parameters={"limit": 10}),
    "getPointsOfAccount": Example(parameters={"account_id": MEMBER}),
    "listPointsStatementOfAccount": Example(parameters={"account_id": MEMBER, **_PAGE}),
    "listPointsAdjustments": Example(parameters={"state": "pending", "account_id": MEMBER, **_PAGE}),
    "adjustPoints": Example(
        body={"account_id": MEMBER, "points": 500, "reason": "An apology for a late delivery"}
    ),
    "listVouchers": Example(parameters=_PAGE),
    "makeVoucher": Example(
        body={
            "name": "Thank you for your patience",
            "rules": {
                "percent": 10,
                "most": [{"minor": 200_000, "currency": "CNY"}],
                "minimums": [{"minor": 1_000_000, "currency": "CNY"}],
                "brands": ["ondevar"],
                "tiers": ["gold", "black"],
                "ends_at": "2099-12-31T16:00:00Z",
                "per_member": 1,
            },
            "codes": 1,
        }
    ),
    "lookUpGiftCard": Example(body={"code": "7K2M-9QXT-04RV"}),
    "listGiftCards": Example(parameters=_PAGE),
    "issueGiftCard": Example(
        body={"amount": {"minor": 50_000, "currency": "CNY"}, "reason": "For a watch that came late"}
    ),
    "getGiftCardCode": Example(parameters={"card_id": GIFT_CARD}),
    "revokeGiftCard": Example(parameters={"card_id": GIFT_CARD}),
    "listTierGifts": Example(),
    "makeTierGift": Example(
        body={
            "tier": "gold",
            "name": "Welcome to gold",
            "amounts": [{"minor": 50_000, "currency": "CNY"}, {"minor": 6_500, "currency": "EUR"}],
        }
    ),
    "endTierGift": Example(parameters={"gift_id": TIER_GIFT}),
    "listOwnGiftCards": Example(),
    "listVoucherCodes": Example(parameters={"voucher_id": VOUCHER}),
    "revokeVoucher": Example(parameters={"voucher_id": VOUCHER}),
    "decidePointsAdjustment": Example(
        parameters={"adjustment_id": ADJUSTMENT}, body={"approve": True, "note": "Agreed with the boutique"}
    ),
    "getPlan": Example(parameters={"currency": "EUR"}),
    "apply": Example(body=_FORM),
    "listApplications": Example(parameters={"state": "submitted", **_PAGE}),
    "readApplication": Example(parameters={"application_id": APPLICATION}),
    "decideApplication": Example(
        parameters={"application_id": APPLICATION},
        body={"approve": False, "reason": "We could not reach your references."},
    ),
    "listInvitations": Example(parameters={"inviter_id": "acc_01jd7q2x8zf3k9m4n5p6r7s801", **_PAGE}),
    "invite": Example(
        body={
            "inviter_name": "Sun Li",
            "uses": 1,
            "days": 30,
            "email": "noor@example.com",
            "note": "Met in Lyon",
            "locale": "fr",
        }
    ),
    "revokeInvitation": Example(parameters={"invitation_id": INVITATION}),
    "addWebhookEndpoint": Example(
        body={"url": "https://hooks.example.com/luxe", "events": ["order.placed", "order.paid"]}
    ),
    "removeWebhookEndpoint": Example(parameters={"endpoint_id": ENDPOINT}),
    "listWebhookDeliveries": Example(parameters={"endpoint_id": ENDPOINT, **_PAGE}),
    "redeliverWebhook": Example(parameters={"delivery_id": DELIVERY}),
    "listOrders": Example(parameters=_PAGE),
    "getOrder": Example(parameters={"order_id": ORDER}),
    "listOrderRefunds": Example(parameters={"order_id": ORDER}),
    "getInvoice": Example(parameters={"order_id": TO_DELIVER}),
    "listBills": Example(parameters={"order_id": TO_DELIVER}),
    "getPackingSlip": Example(parameters={"order_id": TO_DELIVER}),
    "getBill": Example(parameters={"bill_id": BILL}),
    "changeOrderAddress": Example(
        parameters={"order_id": TO_REFUND}, body={**_ADDRESS, "line1": "32 Zhongshan Road"}
    ),
    "listOrderEdits": Example(parameters={"order_id": TO_REFUND}),
    "listOrderNotes": Example(parameters={"order_id": TO_REFUND}),
    "addOrderNote": Example(parameters={"order_id": TO_REFUND}, body={"text": "Please ring twice"}),
    "listOrderShipments": Example(parameters={"order_id": SENT}),
    "getShipment": Example(parameters={"shipment_id": SHIPMENT}),
    "listSlots": Example(
        parameters={"country": "CN", "region": "Shanghai", "day": "2027-03-01", "method": "white_glove"}
    ),
    "listShipments": Example(parameters={"order_id": SENT, "state": "packed", "troubled": False, **_PAGE}),
    "packShipment": Example(
        body={
            "order_id": SENT,
            "units": [{"variant_id": "var_sent", "serial": "SN-0005"}],
            "method": "collect",
        }
    ),
    "bookShipment": Example(parameters={"shipment_id": SHIPMENT}),
    "handShipmentOver": Example(parameters={"shipment_id": TO_HAND_OVER}),
    "callShipmentOff": Example(parameters={"shipment_id": TO_CALL_OFF}, body={"reason": "A scratch"}),
    "moveShipment": Example(
        parameters={"shipment_id": TO_MOVE}, body={"state": "delivered", "note": "At the boutique"}
    ),
    "getShipmentLabel": Example(parameters={"shipment_id": SHIPMENT}),
    "getFulfilmentTable": Example(parameters={"table": "taxes"}),
    "replaceFulfilmentTable": Example(
        parameters={"table": "taxes"}, body={"csv": "Country,Kind,Name,Rate\nFR,vat,TVA,20\n"}
    ),
    "listCapacities": Example(parameters={"first": "2027-03-01", "last": "2027-03-31"}),
    "putCapacity": Example(
        body={
            "method": "white_glove",
            "place": "CN-Shanghai",
            "day": "2027-03-01",
            "starts": "10:00",
            "ends": "13:00",
            "capacity": 3,
        }
    ),
    "listAppointments": Example(parameters={"first": "2027-03-01", "last": "2027-03-31"}),
    "shipOrder": Example(parameters={"order_id": TO_SHIP}),
    "deliverOrder": Example(parameters={"order_id": TO_DELIVER}),
    "startCancellation": Example(body={"order_id": TO_CANCEL, "reason": "I found another one"}),
    "getCancellation": Example(parameters={"run": CANCELLATION, "wait": 5}),
    "startOrderEdit": Example(
        parameters={"dry_run": True},
        body={"order_id": TO_EDIT, "lines": [{"variant_id": "var_clutch", "quantity": 1}]},
        status=200,
    ),
    "getOrderEdit": Example(parameters={"run": EDIT_RUN, "wait": 5}),
    "startRefund": Example(
        body={
            "order_id": TO_REFUND,
            "amount": {"minor": 10_000, "currency": "CNY"},
            "kind": "goodwill",
            "reason": "The box came with a dent",
        }
    ),
    "startReturn": Example(
        body={"order_id": TO_RETURN, "units": [_RETURNED], "reason": "The clasp is not to my liking"}
    ),
    "getReturnRequest": Example(parameters={"run": RETURN_RUN, "wait": 5}),
    "getReturnWindow": Example(parameters={"order_id": TO_RETURN}),
    "listExchangeOptions": Example(parameters={"order_id": TO_EXCHANGE}),
    "startExchange": Example(
        body={
            "order_id": TO_EXCHANGE,
            "unit": {"variant_id": VARIANT, "serial": "HM-0012"},
            "variant_id": VARIANT,
            "reason": "The clasp does not close",
        }
    ),
    "getExchangeRequest": Example(parameters={"run": EXCHANGE_RUN, "wait": 5}),
    **dict.fromkeys(("payExchange", "refundExchange"), Example(parameters={"run": EXCHANGE_RUN}, status=409)),
    "listReturns": Example(parameters={"state": "requested", **_PAGE}),
    "getReturn": Example(parameters={"return_id": RETURN}),
    "withdrawReturn": Example(parameters={"return_id": TO_WITHDRAW}),
    "decideReturn": Example(parameters={"return_id": TO_DECIDE}, body={"approve": True, "reason": ""}),
    "inspectReturn": Example(
        parameters={"return_id": TO_INSPECT},
        body={"findings": [_RETURNED | {"serial": "HM-0004", "accepted": True, "condition": "saleable"}]},
    ),
    "getRefund": Example(parameters={"run": REFUND, "wait": 5}),
    "saveAddress": Example(body=_ADDRESS),
    "forgetAddress": Example(parameters={"address_id": ADDRESS}),
    **PAYMENTS,
    "startCheckout": Example(
        body={
            "lines": [{"variant_id": VARIANT, "quantity": 1}],
            "address": _ADDRESS,
            "deliver_on": "2099-12-24",
            "expected": {"minor": 1_280_000, "currency": "CNY"},
            "points": 0,
            "gift_message": "For the opening night",
            "gift_wrap": True,
        }
    ),
    "quoteCheckout": Example(
        body={
            "lines": [{"variant_id": VARIANT, "quantity": 1}],
            "currency": "CNY",
            "country": "CN",
            "codes": ["HJ5K-TMN0-32QV"],
            "points": 500,
        }
    ),
    "getCheckout": Example(parameters={"run": CHECKOUT, "wait": 5}),
    "abandonCheckout": Example(parameters={"run": CHECKOUT}),
    "startJoin": Example(body={"currency": "CNY", "locale": "en"}),
    "getJoin": Example(parameters={"run": JOIN}),
}
