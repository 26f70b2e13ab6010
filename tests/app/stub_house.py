"""`luxe up` with the serving processes stood in for: real engines, gateway and outside parties, no tables, no seed."""

import sys
from pathlib import Path

from luxe.app.blueprint import Blueprint, Task
from luxe.app.cli.up import start_here
from luxe.app.failure import Failure
from luxe.app.health_grpc import descriptor
from luxe.app.premises import Options, prepare_folder

SERVE = (sys.executable, str(Path(__file__).with_name("stub_serve.py")))


class StubBlueprint(Blueprint):
    def __post_init__(self) -> None:
        super().__post_init__()
        self.serve = SERVE
        self.gateway.folder.mkdir(exist_ok=True)
        (self.gateway.folder / "health.pb").write_bytes(descriptor())

    def tasks(self) -> list[Task]:
        return []


if __name__ == "__main__":
    data, port = Path(sys.argv[1]), int(sys.argv[2])
    try:
        prepare_folder(data)
        start_here(Options(data=data, port=port, many="--many" in sys.argv), StubBlueprint)
    except Failure as failure:
        sys.exit(f"luxe: {failure}")
