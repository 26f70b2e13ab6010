"""Examples of payments, cases, bank transfers and banks' statements in the OpenAPI document."""

from __future__ import annotations

import base64

from luxe.app.openapi_forms import Example, example_id

PAYMENT_CASE = example_id("cas")
BANK_TRANSFER = example_id("bkt")
BANK_TRANSFER_MATCHED = example_id("bkt", 2)
BANK_PAYMENT = example_id("pay")
BANK_REFUND = example_id("rfd")
BANK_STATEMENT = example_id("bst")

_PAGE = {"limit": 25}
_FILE = b"entry,received_on,amount,currency,text\n2026112200418,2026-11-22,12800.00,EUR,LX 5N6P7 R8T9V\n"

PAYMENTS: dict[str, Example] = {
    "listPayments": Example(parameters=_PAGE),
    "listPaymentMethods": Example(parameters={"country": "CN", "currency": "CNY"}),
    "listPaymentCases": Example(parameters={"state": "open", **_PAGE}),
    "readPaymentCase": Example(parameters={"case_id": PAYMENT_CASE}),
    "resolvePaymentCase": Example(
        parameters={"case_id": PAYMENT_CASE},
        body={"how": "explained", "note": "Paid in the boutique on the provider's terminal; receipt 4711."},
    ),
    "listBankTransfers": Example(parameters={"state": "open", **_PAGE}),
    "enterBankTransfer": Example(
        body={
            "entry": "2026112300417",
            "amount": {"minor": 1_280_000, "currency": "EUR"},
            "text": "LX 5N6P7 R8T9V Lin Weiran",
            "received_on": "2026-11-22",
        }
    ),
    "matchBankTransfer": Example(parameters={"transfer_id": BANK_TRANSFER}, body={"intent_id": BANK_PAYMENT}),
    "unmatchBankTransfer": Example(
        parameters={"transfer_id": BANK_TRANSFER_MATCHED}, body={"note": "It pays for another order."}
    ),
    "listBankRefunds": Example(),
    "sendBankRefund": Example(parameters={"refund_id": BANK_REFUND}, body={"entry": "2026112300533"}),
    "listBankStatements": Example(parameters=_PAGE),
    "readBankStatement": Example(
        body={"name": "2026-11-22.csv", "content": base64.b64encode(_FILE).decode()}
    ),
    "getBankStatement": Example(parameters={"statement_id": BANK_STATEMENT}),
    "applyBankStatement": Example(parameters={"statement_id": BANK_STATEMENT}),
}
