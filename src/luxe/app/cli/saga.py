"""`luxe saga list|show|retry|end`: the runs of a running house, for people."""

import asyncio
import getpass
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import typer
from rich.console import Console

from luxe.app import runfile, saga_runs
from luxe.app.blueprint import shape_of
from luxe.app.cli import command, reach
from luxe.app.failure import Failure
from luxe.app.saga_runs import Sagas
from luxe.kernel.errors import Refusal
from luxe.kernel.saga_runs import RUN_STATES, RunLine, RunPage, RunStory

Action = Annotated[
    Literal["list", "show", "retry", "end"],
    typer.Argument(help="list runs, show one, let a stuck one go on, end one by hand."),
]
REMEDIES = {
    "past_pivot": "Let it go on with `luxe saga retry`, or leave it as it stands with --close.",
    "undo_first": "End it with --undo; only what cannot be undone any more may be left as it stands.",
    "reason_missing": "Say why with --reason TEXT; it is kept with the run.",
    "run_unknown": "`luxe saga list` shows the runs there are.",
}


def saga(
    action: Action,
    run: Annotated[str, typer.Argument(help="The run's id.", metavar="[RUN]")] = "",
    data: command.Data = command.HERE,
    state: Annotated[str, typer.Option(help=f"Only runs that are {', '.join(RUN_STATES)}.")] = "",
    saga: Annotated[str, typer.Option("--saga", help="Only runs of this saga.")] = "",
    cursor: Annotated[str, typer.Option(help="Go on after this run.", metavar="RUN")] = "",
    limit: Annotated[int, typer.Option(help="At most so many runs.", min=1, max=100)] = 25,
    reason: Annotated[str, typer.Option(help="Why the run is ended.")] = "",
    undo: Annotated[
        bool | None, typer.Option("--undo/--close", help="Undo its steps first, or leave it as it stands.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Look at runs and help those that need a person. What is done here is audited, in the name of who gave the command."""
    if (action == "list") == bool(run):
        raise Failure(
            f"`luxe saga {action}` takes {'no run' if run else 'the id of a run'}.",
            "`luxe saga list` shows them.",
        )
    if saga and saga not in saga_runs.saga_names():
        raise Failure(f"There is no saga {saga!r}.", f"There are: {', '.join(saga_runs.saga_names())}.")
    if state and state not in RUN_STATES:
        raise Failure(f"No run is {state!r}.", f"Runs are {', '.join(RUN_STATES)}.")
    if action == "end" and undo is None:
        raise Failure(
            "Say how the run is to end.", "--undo undoes its steps first, --close leaves it as it stands."
        )

    async def act(sagas: Sagas) -> RunPage | RunStory | RunLine:
        if action == "list":
            return await sagas.runs(state, saga, cursor, limit)
        if action == "show":
            return await sagas.story(run)
        if action == "retry":
            return await sagas.resume(run)
        return await sagas.end(run, reason, bool(undo))

    found = asyncio.run(_acted(data, act))
    if as_json:
        print(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
    else:
        _tell(found)


async def _acted(data: Path, act: Any) -> Any:
    addresses, secret = _house(data)
    try:
        async with saga_runs.reached(addresses, secret, f"command:{getpass.getuser()}") as sagas:
            return await act(sagas)
    except Refusal as refusal:
        remedy = REMEDIES.get(refusal.code, "")
        raise Failure(
            f"{(refusal.detail or refusal.code).capitalize()} ({refusal.code}).",
            *([remedy] if remedy else []),
        ) from refusal


def _house(data: Path) -> tuple[dict[str, str], str]:
    """Where the sagas of the house are served, and its secret. Raises `Failure` if none is running."""
    names = saga_runs.saga_names()
    if "LUXE_SECRET" in os.environ:
        settings = reach.from_environment()
        return {
            name: settings.elsewhere[name] for name in names if name in settings.elsewhere
        }, settings.secret
    run = runfile.read(data)
    if run is None:
        raise Failure(
            f"No house is running on {data}.",
            "Runs are reached through the house that drives them: `luxe up`.",
        )
    ports = {child.name: child.ports["http"] for child in run.children if "http" in child.ports}
    served = {unit: process for process, units in shape_of(run.shape == "many").items() for unit in units}
    return {name: f"http://127.0.0.1:{ports[served[name]]}" for name in names}, run.env["LUXE_SECRET"]


def _tell(found: RunPage | RunStory | RunLine) -> None:
    console = Console(highlight=False, soft_wrap=True, markup=False)
    if isinstance(found, RunLine):
        console.print(_line(found))
        return
    if isinstance(found, RunPage):
        for line in found.items:
            console.print(_line(line))
        console.print(
            f"go on with --cursor {found.next}" if found.next else "" if found.items else "No such runs."
        )
        return
    console.print(_line(found.line))
    facts = {
        "about": found.line.subject,
        "owner": found.line.owner,
        "request": found.request_id,
        "started": found.line.started_at.isoformat(timespec="seconds"),
        "driven by": found.driven_by,
        "goes on at": found.wake_at.isoformat(timespec="seconds") if found.wake_at else "",
        "input": msgspec.json.encode(found.input).decode(),
        "results": msgspec.json.encode(found.results).decode(),
        "signals": msgspec.json.encode(found.signals).decode(),
    }
    for name, value in facts.items():
        if value:
            console.print(f"  {name:<11} {value}")
    for moment in found.history:
        at = moment.at.isoformat(timespec="milliseconds")
        console.print(f"  {at}  {moment.step:<14} {moment.outcome:<8} {moment.actor}  {moment.note}".rstrip())
    may = {"retry": found.may_resume, "end --undo": found.may_undo, "end --close": found.may_close}
    console.print(
        f"  {'may':<11} {', '.join(verb for verb, allowed in may.items() if allowed) or 'nothing: it is over'}"
    )


def _line(line: RunLine) -> str:
    changed = line.changed_at.isoformat(timespec="seconds")
    tried = f", {line.attempts} attempts" if line.attempts else ""
    return f"{line.run}  {line.saga:<9} {line.state:<8} {line.step}{tried}  {changed}  {line.subject}  {line.problem}".rstrip()


def main(arguments: Sequence[str]) -> int:
    return command.run(saga, arguments)
