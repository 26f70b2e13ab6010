"""`python -m luxe_outside.psp`: reads settings, starts the provider's tasks and serves it."""

import asyncio
import os
import sys
from argparse import Namespace

from litestar import Litestar, get
from litestar.datastructures import State

from luxe_outside import process
from luxe_outside.database import Database

from . import api, control, fields, pages, store
from .acquirer import Acquirer, Settings
from .faults import Faults
from .webhooks import Dispatcher
from .wire import Refusal

KEY = "LUXE_PSP_KEY"
WEBHOOK_SECRET = "LUXE_PSP_WEBHOOK_SECRET"  # noqa: S105 - the name of a variable
SWEEP_EVERY = 0.25
MAX_BODY = 65_536


@get("/psp/health", sync_to_thread=False)
def health() -> dict[str, str]:
    return {"status": "ok"}


def build(acquirer: Acquirer, dispatcher: Dispatcher) -> Litestar:
    return Litestar(
        route_handlers=[
            health,
            api.router,
            fields.confirmations,
            control.router,
            pages.router,
            fields.frames,
        ],
        exception_handlers={Refusal: api.draw_refusal},
        state=State({"acquirer": acquirer, "dispatcher": dispatcher, "tokens": fields.Tokens()}),
        after_exception=[process.report],
        logging_config=None,
        openapi_config=None,
        request_max_body_size=MAX_BODY,
    )


async def sweep(acquirer: Acquirer) -> None:
    """Never returns: keeps what time decides up to date."""
    while True:
        await acquirer.settle_due()
        await asyncio.sleep(SWEEP_EVERY)


async def main(options: Namespace, settings: Settings) -> None:
    listener = process.listen(options.port)
    db = Database(process.prepare_folder(options.data) / "psp.sqlite3", store.SCHEMA)
    dispatcher = Dispatcher(db, settings.webhook_secret)
    acquirer = Acquirer(db, Faults(), settings, dispatcher.wake)
    tasks = [asyncio.create_task(dispatcher.run()), asyncio.create_task(sweep(acquirer))]

    async def until_stopped() -> None:
        signalled = asyncio.ensure_future(process.until_signal())
        await asyncio.wait({signalled, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        acquirer.stop()

    process.announce(port=listener.getsockname()[1])
    await process.serve(build(acquirer, dispatcher), listener, until_stopped)
    for task in tasks:
        if task.done():
            task.result()
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    db.close()


def required(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        sys.exit(f"{name} is not set: it is shared by the merchant and this provider")
    return value


def start() -> None:
    parser = process.arguments("luxe_outside.psp", ports=("--port",))
    parser.add_argument("--public-url", default="http://localhost:8400/psp", help="where browsers reach it")
    parser.add_argument("--merchant", default="LUXE", help="the merchant's name on the hosted page")
    parser.add_argument("--processing-delay", type=float, default=3.0, help="seconds of the slow test card")
    options = parser.parse_args()
    settings = Settings(
        key=required(KEY),
        webhook_secret=required(WEBHOOK_SECRET),
        public_url=options.public_url.rstrip("/"),
        merchant=options.merchant,
        processing_delay=options.processing_delay,
    )
    process.run(main(options, settings), parent_death=options.parent_death)


start()
