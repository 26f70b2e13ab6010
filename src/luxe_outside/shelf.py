"""What a small simulator must not forget: values by name in one file, replaced whole, so that a kill leaves the old or the new."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

T = TypeVar("T", bound=msgspec.Struct)


def read(file: Path, kind: type[T]) -> dict[str, T]:
    """Nothing, where nothing has been written yet."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, kind])
    except FileNotFoundError:
        return {}


def write(file: Path, known: Mapping[str, msgspec.Struct]) -> None:
    draft = file.with_suffix(".new")
    with draft.open("wb") as sink:
        sink.write(msgspec.json.encode(known))
        sink.flush()
        os.fsync(sink.fileno())
    draft.replace(file)
