"""`python -m luxe_outside.mail`: one process that listens for SMTP and shows what came by HTTP."""

import asyncio
from argparse import Namespace

from litestar import Litestar
from litestar.datastructures import State

from luxe_outside import process
from luxe_outside.database import Database

from . import store, web
from .sink import Sink


async def main(options: Namespace) -> None:
    smtp, http = process.listen(options.smtp_port), process.listen(options.http_port)
    db = Database(process.prepare_folder(options.data) / "mail.sqlite3", store.SCHEMA)
    sink = Sink(db)
    server = await asyncio.get_running_loop().create_server(sink.connection, sock=smtp)
    app = Litestar(
        route_handlers=[web.router],
        state=State({"db": db, "sink": sink}),
        after_exception=[process.report],
        logging_config=None,
        openapi_config=None,
    )
    process.announce(port=http.getsockname()[1], smtp_port=smtp.getsockname()[1])
    await process.serve(app, http, process.until_signal)
    server.close()
    db.close()


def start() -> None:
    options = process.arguments("luxe_outside.mail", ports=("--smtp-port", "--http-port")).parse_args()
    process.run(main(options), parent_death=options.parent_death)


start()
