"""`python -m luxe_outside.alipay`: makes Alipay's key pair in the data folder and serves the gateway."""

from argparse import Namespace
from pathlib import Path

from litestar import Litestar
from litestar.datastructures import State

from luxe_outside import process, rsa

from .gateway import Gateway, handlers


async def main(options: Namespace) -> None:
    listener = process.listen(options.port)
    port = listener.getsockname()[1]
    folder = process.prepare_folder(options.data)
    own = rsa.own_key(folder / "alipay_private_key.pem")
    (folder / "alipay_public_key.pem").write_bytes(rsa.public_pem(own))
    url = options.public_url or f"http://{process.HOST}:{port}"
    gateway = Gateway(options.app_id, own, rsa.their_key(options.app_key), url, folder / "trades.json")
    app = Litestar(
        route_handlers=handlers,
        state=State({"gateway": gateway}),
        after_exception=[process.report],
        logging_config=None,
        openapi_config=None,
    )
    process.announce(port=port)
    await process.serve(app, listener, process.until_signal)
    await gateway.http.aclose()


def start() -> None:
    parser = process.arguments("luxe_outside.alipay", ports=("--port",))
    parser.add_argument("--app-id", default="2021000000000000", help="the merchant's app")
    parser.add_argument("--app-key", type=Path, required=True, help="PEM file of the app's public key")
    parser.add_argument("--public-url", default="", help="where browsers reach it")
    options = parser.parse_args()
    process.run(main(options), parent_death=options.parent_death)


start()
