"""A file descriptor written out in the proto3 language, as far as our descriptors use it."""

from collections.abc import Iterator

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    ServiceDescriptorProto,
)

from luxe.app.http_rule import http_rule

SCALARS = {
    FieldDescriptorProto.TYPE_BOOL: "bool",
    FieldDescriptorProto.TYPE_INT64: "int64",
    FieldDescriptorProto.TYPE_DOUBLE: "double",
    FieldDescriptorProto.TYPE_STRING: "string",
    FieldDescriptorProto.TYPE_BYTES: "bytes",
}


def proto_text(file: FileDescriptorProto) -> str:
    """Field names are the JSON names, whatever the language's usual mapping would make of them."""
    lines = ['syntax = "proto3";', "", f"package {file.package};", ""]
    lines += [f'import "{name}";' for name in sorted(file.dependency)]
    for service in file.service:
        lines += ["", *_service(service)]
    for message in sorted(file.message_type, key=lambda message: message.name):
        lines += ["", *_message(message)]
    return "\n".join(lines) + "\n"


def _service(service: ServiceDescriptorProto) -> Iterator[str]:
    yield f"service {service.name} {{"
    for method in service.method:
        http = http_rule(method)
        yield f"  rpc {method.name}({method.input_type}) returns ({method.output_type}) {{"
        yield f'    option (google.api.http) = {{ post: "{http.post}" body: "{http.body}" }};'
        yield "  }"
    yield "}"


def _message(message: DescriptorProto) -> Iterator[str]:
    if not message.field:
        yield f"message {message.name} {{}}"
        return
    maps = {entry.name: entry for entry in message.nested_type}
    yield f"message {message.name} {{"
    for field in message.field:
        yield f"  {_type(field, maps)} {field.name} = {field.number}{_json_name(field)};"
    yield "}"


def _type(field: FieldDescriptorProto, maps: dict[str, DescriptorProto]) -> str:
    entry = maps.get(field.type_name.rsplit(".", 1)[-1]) if field.type_name else None
    if entry is not None:
        key, value = entry.field
        return f"map<{_name(key)}, {_name(value)}>"
    if field.label == FieldDescriptorProto.LABEL_REPEATED:
        return f"repeated {_name(field)}"
    return f"optional {_name(field)}" if field.proto3_optional else _name(field)


def _name(field: FieldDescriptorProto) -> str:
    return SCALARS.get(field.type) or field.type_name


def _json_name(field: FieldDescriptorProto) -> str:
    """Written only where it differs from the language's own lowerCamelCase."""
    first, *rest = field.name.split("_")
    camel = first + "".join(part[:1].upper() + part[1:] for part in rest)
    return "" if camel == field.json_name else f' [json_name = "{field.json_name}"]'
