"""Proto messages for msgspec Structs, each in the package of the room that owns it."""

from collections.abc import Iterator, Set

from google.protobuf import descriptor_pb2
from msgspec import inspect as kinds

Field = descriptor_pb2.FieldDescriptorProto
VALUE = ".google.protobuf.Value"
SCALARS: dict[type[kinds.Type], "Field.Type.ValueType"] = {
    kinds.BoolType: Field.TYPE_BOOL,
    kinds.IntType: Field.TYPE_INT64,
    kinds.FloatType: Field.TYPE_DOUBLE,
    kinds.StrType: Field.TYPE_STRING,
    kinds.BytesType: Field.TYPE_BYTES,
    kinds.DateType: Field.TYPE_STRING,
    kinds.TimeType: Field.TYPE_STRING,
    kinds.TimeDeltaType: Field.TYPE_STRING,
    kinds.UUIDType: Field.TYPE_STRING,
    kinds.DecimalType: Field.TYPE_STRING,
}
LISTS = (
    kinds.ListType,
    kinds.SetType,
    kinds.FrozenSetType,
    kinds.VarTupleType,
    kinds.CollectionType,
)
IMPORTS = {
    ".google.protobuf.Value": "google/protobuf/struct.proto",
    ".google.protobuf.Timestamp": "google/protobuf/timestamp.proto",
}


class Packages:
    """Files by package, filled as messages are asked for. `taken` are full names that belong to services:
    a Struct of such a name becomes a message with `Value` behind it."""

    def __init__(self, taken: Set[str] = frozenset()) -> None:
        self._taken = taken
        self._files: dict[str, descriptor_pb2.FileDescriptorProto] = {}
        self._known: set[str] = set()

    def file(self, package: str) -> descriptor_pb2.FileDescriptorProto:
        if package not in self._files:
            self._files[package] = descriptor_pb2.FileDescriptorProto(
                name=_file_name(package), package=package, syntax="proto3"
            )
        return self._files[package]

    def in_order(self) -> Iterator[descriptor_pb2.FileDescriptorProto]:
        """Each file after those it depends on."""
        by_name = {file.name: file for file in self._files.values()}
        done: set[str] = set()

        def visit(name: str) -> Iterator[descriptor_pb2.FileDescriptorProto]:
            if name in done or name not in by_name:
                return
            done.add(name)
            for dependency in by_name[name].dependency:
                yield from visit(dependency)
            yield by_name[name]

        for name in sorted(by_name):
            yield from visit(name)

    def message(self, kind: kinds.Type, asker: str) -> str:
        """The full name of a Struct's message, which is made at the first asking."""
        if not isinstance(kind, kinds.StructType):
            raise TypeError(f"{kind} is no Struct")
        package = _package(kind.cls.__module__)
        short = kind.cls.__name__ + ("Value" if f"{package}.{kind.cls.__name__}" in self._taken else "")
        name = f".{package}.{short}"
        self._depend(asker, _file_name(package))
        if name not in self._known:
            self._known.add(name)
            message = self.file(package).message_type.add(name=short)
            if kind.tag_field:
                self._field(message, package, kind.tag_field, kinds.StrType(), optional=False)
            for field in kind.fields:
                self._field(message, package, field.encode_name, field.type, optional=not field.required)
        return name

    def wrapper(self, name: str, kind: kinds.Type, package: str) -> str:
        """A message that carries a reply which is no Struct in the field `value`."""
        message = self.file(package).message_type.add(name=name)
        self._field(message, package, "value", kind, optional=False)
        return f".{package}.{name}"

    def _field(
        self,
        message: descriptor_pb2.DescriptorProto,
        package: str,
        name: str,
        kind: kinds.Type,
        *,
        optional: bool,
    ) -> None:
        field = message.field.add(
            name=name, json_name=name, number=len(message.field) + 1, label=Field.LABEL_OPTIONAL
        )
        kind, nullable = _without_none(kind)
        if isinstance(kind, kinds.DictType):
            self._fill_map(message, field, package, kind)
            return
        if isinstance(kind, LISTS) and not isinstance(
            _without_none(kind.item_type)[0], (*LISTS, kinds.DictType)
        ):
            field.label = Field.LABEL_REPEATED
            self._fill(field, package, _without_none(kind.item_type)[0])
            return
        self._fill(field, package, kind)
        if (nullable or optional) and field.type != Field.TYPE_MESSAGE:
            field.proto3_optional = True
            field.oneof_index = len(message.oneof_decl)
            message.oneof_decl.add(name=f"_{name}")

    def _fill(self, field: Field, package: str, kind: kinds.Type) -> None:
        scalar = SCALARS.get(type(kind)) or _type_of_choice(kind)
        if scalar is not None:
            field.type = scalar
            return
        field.type = Field.TYPE_MESSAGE
        if isinstance(kind, kinds.StructType):
            field.type_name = self.message(kind, package)
        else:
            field.type_name = ".google.protobuf.Timestamp" if isinstance(kind, kinds.DateTimeType) else VALUE
            self._depend(package, IMPORTS[field.type_name])

    def _fill_map(
        self, message: descriptor_pb2.DescriptorProto, field: Field, package: str, kind: kinds.DictType
    ) -> None:
        """A map is a repeated message of key and value, as protoc writes it."""
        entry_name = "".join(part.capitalize() for part in field.name.split("_")) + "Entry"
        entry = message.nested_type.add(name=entry_name)
        entry.options.map_entry = True
        entry.field.add(
            name="key", json_name="key", number=1, label=Field.LABEL_OPTIONAL, type=Field.TYPE_STRING
        )
        value = entry.field.add(name="value", json_name="value", number=2, label=Field.LABEL_OPTIONAL)
        self._fill(value, package, _without_none(kind.value_type)[0])
        field.label = Field.LABEL_REPEATED
        field.type = Field.TYPE_MESSAGE
        field.type_name = f".{package}.{message.name}.{entry_name}"

    def _depend(self, package: str, file_name: str) -> None:
        file = self.file(package)
        if file_name != file.name and file_name not in file.dependency:
            file.dependency.append(file_name)


def _package(module: str) -> str:
    """`luxe.services.orders.contract` → `luxe.orders.v1`; the kernel's values are `luxe.kernel.v1`."""
    parts = module.split(".")
    owner = parts[2] if parts[1:2] in (["services"], ["sagas"]) else parts[1] if len(parts) > 1 else parts[0]
    return f"luxe.{owner}.v1"


def _file_name(package: str) -> str:
    return package.replace(".", "/") + ".proto"


def _without_none(kind: kinds.Type) -> tuple[kinds.Type, bool]:
    if not isinstance(kind, kinds.UnionType):
        return kind, False
    others = [member for member in kind.types if not isinstance(member, kinds.NoneType)]
    nullable = len(others) < len(kind.types)
    return (others[0] if len(others) == 1 else kinds.AnyType()), nullable


def _type_of_choice(kind: kinds.Type) -> "Field.Type.ValueType | None":
    """Literals and enumerations travel as the values they have in JSON."""
    if isinstance(kind, kinds.LiteralType):
        values = kind.values
    elif isinstance(kind, kinds.EnumType):
        values = tuple(member.value for member in kind.cls)
    else:
        return None
    return Field.TYPE_STRING if all(isinstance(value, str) for value in values) else Field.TYPE_INT64
