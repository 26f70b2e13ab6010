"""`python -m luxe_outside.carrier`: reads settings, starts the carrier's tasks and serves it."""

import asyncio
import os
import sys
from argparse import Namespace

from litestar import Litestar, get
from litestar.datastructures import State

from luxe_outside import process
from luxe_outside.database import Database

from . import api, store
from .courier import Courier
from .depot import Depot
from .wire import Refusal

KEY = "LUXE_CARRIER_KEY"
WEBHOOK_SECRET = "LUXE_CARRIER_WEBHOOK_SECRET"  # noqa: S105 - the name of a variable
SWEEP_EVERY = 0.5
MAX_BODY = 65_536


@get("/carrier/health", sync_to_thread=False)
def health() -> dict[str, str]:
    return {"status": "ok"}


def build(depot: Depot, key: str) -> Litestar:
    return Litestar(
        route_handlers=[health, api.merchant, api.control],
        exception_handlers={Refusal: api.draw_refusal},
        state=State({"depot": depot, "key": key}),
        after_exception=[process.report],
        logging_config=None,
        openapi_config=None,
        request_max_body_size=MAX_BODY,
    )


async def sweep(depot: Depot) -> None:
    """Never returns: what moves by itself moves."""
    while True:
        await depot.move_due()
        await asyncio.sleep(SWEEP_EVERY)


async def main(options: Namespace, key: str, secret: str) -> None:
    listener = process.listen(options.port)
    db = Database(process.prepare_folder(options.data) / "carrier.sqlite3", store.SCHEMA)
    courier = Courier(db, secret)
    depot = Depot(db, options.pace, courier.wake)
    tasks = [asyncio.create_task(courier.run()), asyncio.create_task(sweep(depot))]

    async def until_stopped() -> None:
        signalled = asyncio.ensure_future(process.until_signal())
        await asyncio.wait({signalled, *tasks}, return_when=asyncio.FIRST_COMPLETED)

    process.announce(port=listener.getsockname()[1])
    await process.serve(build(depot, key), listener, until_stopped)
    for task in tasks:
        if task.done():
            task.result()
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    db.close()


def required(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        sys.exit(f"{name} is not set: it is shared by the merchant and this carrier")
    return value


def start() -> None:
    parser = process.arguments("luxe_outside.carrier", ports=("--port",))
    parser.add_argument("--pace", type=float, default=0.0, help="seconds between scans; 0: only when told")
    options = parser.parse_args()
    process.run(main(options, required(KEY), required(WEBHOOK_SECRET)), parent_death=options.parent_death)


start()
