"""`luxe up` with stand-ins for what serves units and for the outside parties: real engines and gateway, no tables.

usage: stub_house.py DATA PORT [--many] [--broken] [--health]
"""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from luxe.app.blueprint import Blueprint, Task
from luxe.app.child import Spec
from luxe.app.cli.up import start_here
from luxe.app.engines.engine import http_answers
from luxe.app.failure import Failure
from luxe.app.health_grpc import descriptor
from luxe.app.premises import Options, prepare_folder

SERVE = (sys.executable, str(Path(__file__).with_name("stub_serve.py")))
BROKEN = (sys.executable, "-c", "raise SystemExit('no such table: everything')")


class StubBlueprint(Blueprint):
    def __post_init__(self) -> None:
        super().__post_init__()
        self.serve: Sequence[str] = BROKEN if "--broken" in sys.argv else SERVE
        self.gateway.folder.mkdir(exist_ok=True)
        (self.gateway.folder / "health.pb").write_bytes(descriptor())

    def tasks(self) -> list[Task]:
        return []

    def outside(self) -> list[Spec]:
        return [self.stand_in(spec) for spec in super().outside()]

    def servers(self) -> list[Spec]:
        """The health service takes a while to import, so only the test that reads it has the real one."""
        return [
            self.stand_in(spec) if spec.name == "health" and "--health" not in sys.argv else spec
            for spec in super().servers()
        ]

    def stand_in(self, spec: Spec) -> Spec:
        [port, *_] = spec.ports.values()
        env = {"LUXE_LISTEN_PORT": str(port)}
        return replace(spec, argv=[*SERVE, spec.name], env=env, is_ready=lambda: http_answers(port, "/"))


if __name__ == "__main__":
    data, port = Path(sys.argv[1]), int(sys.argv[2])
    try:
        prepare_folder(data)
        start_here(Options(data=data, port=port, many="--many" in sys.argv), StubBlueprint)
    except Failure as failure:
        sys.exit(f"luxe: {failure}")
