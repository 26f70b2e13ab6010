"""Samples of the office."""

from tests.web.design.samples.make import Vm


def pages(locale: str) -> dict[str, list[tuple[str, Vm]]]:
    """Template name → the states it is shown in."""
    return {}
