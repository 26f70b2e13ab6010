"""gRPC clients reach the JSON services through the gateway's reverse transcoder, refusals included."""

from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.protobuf import message_factory
from google.protobuf.descriptor_pool import DescriptorPool

from luxe.app.engines.envoy import Envoy
from luxe.kernel import errors
from luxe.kernel.ports import encode_error
from tests.app.upstream import Answer, Upstream

HOLD = {
    "run": "run_1",
    "units": [{"unit_id": "unit_1", "variant_id": "var_1", "serial": "A-7", "location": "main"}],
    "expires_at": "2026-11-22T10:15:00Z",
}


@pytest.fixture
def channel(gateway: Envoy) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(f"127.0.0.1:{gateway.port}") as channel:
        yield channel


def call(
    channel: grpc.Channel, pool: DescriptorPool, verb: str, request: dict[str, Any], reply: str = "Hold"
) -> Any:
    def kind(name: str) -> Any:
        return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"luxe.inventory.v1.{name}"))

    method = channel.unary_unary(
        f"/luxe.inventory.v1.Inventory/{verb}",
        request_serializer=kind(f"{verb}Request").SerializeToString,
        response_deserializer=kind(reply).FromString,
    )
    return method(kind(f"{verb}Request")(**request), metadata=(("authorization", "Bearer key"),), timeout=10)


def test_a_grpc_call_becomes_the_services_json_and_back(channel, descriptors, upstream: Upstream) -> None:
    upstream.answer = lambda seen: Answer(body=HOLD)
    upstream.seen.clear()
    request = {"run": "run_1", "lines": [{"variant_id": "var_1", "quantity": 2**53 + 1}], "seconds": 900}

    hold = call(channel, descriptors, "Hold", request)

    [seen] = upstream.seen
    assert (seen.method, seen.path) == ("POST", "/luxe.inventory.v1.Inventory/Hold")
    assert seen.headers["content-type"] == "application/json"
    assert seen.headers["authorization"] == "Bearer key"
    assert seen.body == {
        "run": "run_1",
        "lines": [{"variant_id": "var_1", "quantity": "9007199254740993"}],
        "seconds": "900",
    }
    assert (hold.run, hold.units[0].unit_id, hold.units[0].serial) == ("run_1", "unit_1", "A-7")
    assert hold.expires_at.ToJsonString() == "2026-11-22T10:15:00Z"


def test_a_reply_that_is_a_list_arrives_in_its_wrapper(channel, descriptors, upstream: Upstream) -> None:
    stock = {"variant_id": "var_1", "on_hand": 3, "held": 1, "available": 2}
    upstream.answer = lambda seen: Answer(body={"value": [stock]})

    reply = call(channel, descriptors, "Availability", {"variant_ids": ["var_1"]}, "AvailabilityReply")

    assert [(each.variant_id, each.on_hand, each.available) for each in reply.value] == [("var_1", 3, 2)]


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        (errors.PayloadInvalid("shape"), grpc.StatusCode.INVALID_ARGUMENT),
        (errors.Unauthenticated("who"), grpc.StatusCode.UNAUTHENTICATED),
        (errors.Forbidden("no"), grpc.StatusCode.PERMISSION_DENIED),
        (errors.NotFound("gone"), grpc.StatusCode.NOT_FOUND),
        (errors.Conflict("sold out", code="sold_out"), grpc.StatusCode.FAILED_PRECONDITION),
        (errors.TooManyRequests("slow"), grpc.StatusCode.RESOURCE_EXHAUSTED),
        (errors.Unavailable("down"), grpc.StatusCode.UNAVAILABLE),
        (errors.DeadlineExceeded("late"), grpc.StatusCode.DEADLINE_EXCEEDED),
    ],
)
def test_a_refusal_keeps_its_code(channel, descriptors, upstream: Upstream, refusal, code) -> None:
    status, body = encode_error(refusal)
    upstream.answer = lambda seen: Answer(status=status, body=body)
    upstream.seen.clear()

    with pytest.raises(grpc.RpcError) as caught:
        call(channel, descriptors, "Hold", {"run": "run_1"})

    assert caught.value.code() is code
    assert caught.value.details() == body.decode()
    assert len(upstream.seen) == 1
