"""`luxe down`: asks a running house to close and waits until it has."""

import os
import signal
import time
from collections.abc import Sequence

from luxe.app import runfile
from luxe.app.cli import command
from luxe.app.failure import Failure
from luxe.app.premises import is_claimed

PATIENCE = 90.0


def down(data: command.Data = command.HERE) -> None:
    """Stop the house that runs on this data folder."""
    run = runfile.read(data)
    if run is None:
        print(f"No house is running on {data}.")
        return
    os.kill(run.pid, signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE
    while is_claimed(data):
        if time.monotonic() > deadline:
            raise Failure(
                f"The house (process {run.pid}) is still closing after {PATIENCE:.0f} seconds.",
                f"See {data / 'logs' / 'supervisor.log'}; kill -9 {run.pid} ends it and its children at once.",
            )
        time.sleep(0.05)
    print("Closed. The data is kept.")


def main(arguments: Sequence[str]) -> int:
    return command.run(down, arguments)
