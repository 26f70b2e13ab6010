"""Which units there are: every folder of services, sagas and web that has a manifest."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path

from luxe.kernel.manifest import Manifest

_PACKAGE = Path(__file__).parent.parent
_FLOORS = ("services", "sagas", "web")


@cache
def unit_names() -> tuple[str, ...]:
    """Names of all units, services first, then sagas, then the web."""
    names = [
        path.parent.name for floor in _FLOORS[:2] for path in sorted(_PACKAGE.glob(f"{floor}/*/manifest.py"))
    ]
    web = ["web"] if (_PACKAGE / "web" / "manifest.py").exists() else []
    return (*names, *web)


@cache
def manifest(unit: str) -> Manifest:
    """Raises `KeyError` for a unit that does not exist."""
    for floor in _FLOORS[:2]:
        if (_PACKAGE / floor / unit / "manifest.py").exists():
            return import_module(f"luxe.{floor}.{unit}.manifest").manifest
    if unit == "web" and "web" in unit_names():
        return import_module("luxe.web.manifest").manifest
    raise KeyError(f"there is no unit {unit!r}; there are {', '.join(unit_names())}")


def manifests() -> list[Manifest]:
    return [manifest(name) for name in unit_names()]
