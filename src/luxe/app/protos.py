"""gRPC descriptors derived from the contracts: what Envoy needs to turn gRPC calls into the services' JSON.

Built with `descriptor_pb2` alone, so that no protoc is needed where the house runs. A method becomes
`POST /luxe.<service>.v1.<Service>/<Verb>` with the whole message as the body; field names stay snake_case in
JSON, and what has no type in proto3 (a union, a list of lists) travels as `google.protobuf.Value`.
"""

from collections.abc import Iterable

from google.api import annotations_pb2, http_pb2
from google.protobuf import descriptor_pb2, struct_pb2, timestamp_pb2, wrappers_pb2
from msgspec import inspect as kinds

from luxe.app.http_rule import http_rule
from luxe.app.proto_messages import Packages
from luxe.kernel.ports import Description, Method

WELL_KNOWN = (struct_pb2, timestamp_pb2, wrappers_pb2, http_pb2, annotations_pb2)


def describe_all(ports: Iterable[Description]) -> descriptor_pb2.FileDescriptorSet:
    """One file for each package, dependencies first, the well-known types included."""
    described = list(ports)
    packages = Packages(taken={port.full_name for port in described})
    for port in described:
        _add_service(packages, port)
    result = descriptor_pb2.FileDescriptorSet()
    descriptor = descriptor_pb2.DESCRIPTOR
    for file in (descriptor, *(module.DESCRIPTOR for module in WELL_KNOWN)):
        file.CopyToProto(result.file.add())
    result.file.extend(packages.in_order())
    return result


def _add_service(packages: Packages, port: Description) -> None:
    package, name = port.full_name.rsplit(".", 1)
    file = packages.file(package)
    file.dependency.append(annotations_pb2.DESCRIPTOR.name)
    service = file.service.add(name=name)
    for _, method in sorted(port.methods.items()):
        request = packages.message(kinds.type_info(method.request), package)
        rpc = service.method.add(
            name=method.verb, input_type=request, output_type=_reply(packages, method, package)
        )
        http = http_rule(rpc)
        http.post = f"/{port.full_name}/{method.verb}"
        http.body = "*"


def _reply(packages: Packages, method: Method, package: str) -> str:
    kind = kinds.type_info(method.reply)
    if not method.wrapped:
        return packages.message(kind, package)
    return packages.wrapper(f"{method.verb}Reply", kind, package)
