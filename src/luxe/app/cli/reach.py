"""How a verb reaches a house's engines: through the environment, a running house, or engines started for it alone."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from luxe.app import runfile
from luxe.app.blueprint import Blueprint
from luxe.app.failure import Failure
from luxe.app.premises import Options, claimed, prepare_folder
from luxe.kernel.settings import Settings, SettingsError, load


def from_environment() -> Settings:
    """The settings in `LUXE_*`, which `up` gives to every process it starts. Raises `Failure`."""
    try:
        return load()
    except SettingsError as error:
        raise Failure(f"{error}.", "`luxe up` sets these; on your own, see docs/guide.") from error


@contextmanager
def house(data: Path) -> Iterator[Settings]:
    """Settings that lead to working engines, which run at least as long as the block."""
    if "LUXE_SECRET" in os.environ:
        yield from_environment()
        return
    run = runfile.read(data)
    if run is not None:
        yield load({**os.environ, **run.env})
        return
    data = data.absolute()
    prepare_folder(data)
    with claimed(data):
        blueprint = Blueprint(Options(data=data))
        started = [engine for engine in (blueprint.postgres, blueprint.nats) if engine]
        try:
            for engine in started:
                engine.start()
            yield load({**os.environ, **blueprint.env})
        finally:
            for engine in reversed(started):
                engine.stop()
