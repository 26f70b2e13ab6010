"""All that one request causes is one trace: across ports, facts, saga steps and processes."""

from __future__ import annotations

import pytest

from tests.journeys.buyer import SCOPES, Buyer, api_key, stocked
from tests.journeys.opened import OpenHouse, eventually
from tests.journeys.traces import Span, Traces

PORTS = {
    "luxe.pricing.v1.Pricing/Quote",
    "luxe.inventory.v1.Inventory/Hold",
    "luxe.payments.v1.Payments/Open",
    "luxe.orders.v1.Orders/Place",
    "luxe.payments.v1.Payments/Capture",
    "luxe.inventory.v1.Inventory/Commit",
}
STEPS = {"checkout.hold", "checkout.authorise", "checkout.place", "checkout.capture", "checkout.commit"}
OUTSIDE = {"psp.create", "psp.capture"}
REACTIONS = {"orders.OrderPlaced.v1:on_order_placed", "orders.OrderPaid.v1:on_order_paid"}


def test_a_sale_is_one_trace_from_the_request_to_the_last_reaction(
    house: OpenHouse, traces: Traces, request: pytest.FixtureRequest
) -> None:
    piece = stocked(house, units=1)
    buyer = Buyer(house, api_key(house, "member", SCOPES))
    answer = buyer.start(*piece)
    asked = buyer.watch(answer.json()["run"], ("pay",))
    buyer.pay(asked["pay_at"])
    assert buyer.watch(asked["run"], ("done",))["state"] == "done"

    request_id = answer.headers["x-request-id"]
    expected = {"POST /v1/checkouts"} | PORTS | STEPS | OUTSIDE | REACTIONS

    def whole() -> list[Span] | None:
        spans = traces.of_request(request_id)
        linked = {span.parent for span in spans if span.parent} <= {span.id for span in spans}
        return spans if linked and expected <= {span.name for span in spans} else None

    spans = eventually(whole, f"the linked spans of {request_id}")
    assert [span.name for span in spans if not span.parent] == ["POST /v1/checkouts"]
    assert {span.attributes["run"] for span in spans if span.name in STEPS} == {asked["run"]}
    many = request.node.callspec.params["house"] == "many"
    assert {span.process for span in spans} == ({"luxe-trade", "luxe-rest"} if many else {"luxe-house"})
