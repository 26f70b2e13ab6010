"""`python -m luxe_outside.wechat_pay`: makes the platform's first certificate and serves the API."""

from argparse import Namespace
from pathlib import Path

from litestar import Litestar
from litestar.datastructures import State

from luxe_outside import process, rsa

from .api import handlers
from .merchant import Platform


async def main(options: Namespace) -> None:
    listener = process.listen(options.port)
    port = listener.getsockname()[1]
    folder = process.prepare_folder(options.data)
    platform = Platform(
        options.mchid,
        options.appid,
        options.serial,
        rsa.their_key(options.merchant_key),
        options.api_v3_key,
        options.public_url or f"http://{process.HOST}:{port}",
        folder / "orders.json",
    )
    app = Litestar(
        route_handlers=handlers,
        state=State({"platform": platform}),
        after_exception=[process.report],
        logging_config=None,
        openapi_config=None,
    )
    process.announce(port=port)
    await process.serve(app, listener, process.until_signal)
    await platform.http.aclose()


def start() -> None:
    parser = process.arguments("luxe_outside.wechat_pay", ports=("--port",))
    parser.add_argument("--mchid", default="1900000000")
    parser.add_argument("--appid", default="wx0000000000000000")
    parser.add_argument("--serial", default="3775B6A45ACD588826D15E583A95F5DD00000000", help="the merchant's")
    parser.add_argument(
        "--merchant-key", type=Path, required=True, help="PEM file of the merchant's public key"
    )
    parser.add_argument("--api-v3-key", required=True, help="32 characters, shared by both")
    parser.add_argument("--public-url", default="", help="where browsers reach it")
    options = parser.parse_args()
    process.run(main(options), parent_death=options.parent_death)


start()
