"""`luxe up`: makes the house if need be, starts it, and stays until Ctrl-C."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from luxe.app import runfile
from luxe.app.blueprint import Blueprint
from luxe.app.child import log_tail
from luxe.app.cli import command
from luxe.app.cli.welcome import welcome
from luxe.app.failure import Failure
from luxe.app.house_run import HouseRun
from luxe.app.narrator import Narrator
from luxe.app.premises import DEFAULT_PORT, Options, check_port, claimed, is_claimed, prepare_folder


def up(
    data: command.Data = command.HERE,
    port: Annotated[int, typer.Option(help="The one port people use.", min=1, max=65535)] = DEFAULT_PORT,
    listen: Annotated[
        str,
        typer.Option(help="Address to listen on; LUXE_PUBLIC_URL says how people reach it.", metavar="ADDR"),
    ] = "127.0.0.1",
    many: Annotated[bool, typer.Option("--many", help="Several serving processes instead of one.")] = False,
    detach: Annotated[
        bool, typer.Option("--detach", help="Return once it is ready; `luxe down` ends it.")
    ] = False,
    wallets: Annotated[
        bool,
        typer.Option(
            "--wallets/--no-wallets",
            envvar="LUXE_WALLETS",
            help="Simulators of Alipay and WeChat Pay, to buy with by hand.",
        ),
    ] = False,
    no_seed: Annotated[bool, typer.Option("--no-seed", help="Leave a new house empty.")] = False,
) -> None:
    """Start the house; the first time, also make its databases and fill it with the demo."""
    options = Options(
        data=data.absolute(), port=port, listen=listen, many=many, seed=not no_seed, wallets=wallets
    )
    prepare_folder(options.data)
    if detach:
        start_detached(options)
    else:
        start_here(options)


def start_here(options: Options, blueprint: type[Blueprint] = Blueprint) -> None:
    console = Console()
    with claimed(options.data):
        check_port(options.listen, options.port)
        narrator = Narrator(console, options.data / "logs" / "supervisor.log")
        console.print(f"Opening the house in {options.data}", highlight=False)
        began = time.monotonic()

        def ready() -> None:
            welcome(console, options.data, time.monotonic() - began)

        HouseRun(blueprint(options), narrator).run(ready)
        console.print("  Closed. The data is kept.", highlight=False)


def start_detached(options: Options) -> None:
    """Starts the supervisor as a process of its own and waits until it says that the house is ready."""
    if is_claimed(options.data):
        with claimed(options.data):
            pass
    console = Console()
    log = options.data / "logs" / "console.log"
    argv = [sys.executable, "-P", "-m", "luxe.app", "up", "--data", str(options.data)]
    argv += ["--port", str(options.port), "--listen", options.listen]
    argv += ["--many"] * options.many + ["--no-seed"] * (not options.seed)
    argv += ["--wallets" if options.wallets else "--no-wallets"]
    with log.open("wb") as sink:
        process = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.STDOUT, start_new_session=True
        )
    began = time.monotonic()
    with console.status("opening the house …"):
        while not is_ready(options.data, process.pid):
            if process.poll() is not None:
                raise Failure("The house did not open.", *log_tail(log, 6), f"The whole log: {log}")
            time.sleep(0.1)
    welcome(console, options.data, time.monotonic() - began)


def is_ready(data: Path, pid: int) -> bool:
    run = runfile.read(data)
    return run is not None and run.pid == pid and run.state == "ready"


def main(arguments: Sequence[str]) -> int:
    os.umask(0o022)
    return command.run(up, arguments)
