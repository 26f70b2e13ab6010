"""The `google.api.http` rule of a gRPC method."""

from typing import Any, cast

from google.api import annotations_pb2
from google.api.http_pb2 import HttpRule
from google.protobuf.descriptor_pb2 import MethodDescriptorProto

_EXTENSION = cast(Any, annotations_pb2.http)


def http_rule(method: MethodDescriptorProto) -> HttpRule:
    """The rule itself, to read or to fill in."""
    return method.options.Extensions[_EXTENSION]
