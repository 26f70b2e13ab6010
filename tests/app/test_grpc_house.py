"""A gRPC client reads a product and places a hold at the real services, through a real gateway."""

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import msgspec
import pytest
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from PIL import Image

from luxe.app import registry
from luxe.app.derive import derive, descriptors
from luxe.app.engines.engine import free_port
from luxe.app.engines.envoy import Envoy
from luxe.app.gateway import Upstreams
from luxe.services.brands import contract as brands
from luxe.services.catalog import contract as catalog
from luxe.services.inventory import contract as inventory
from luxe.services.media import contract as media
from tests.app.conftest import folder
from tests.harness import Running, running

UNITS = ("brands", "media", "pricing", "inventory", "catalog")


class Client:
    """Calls as a generated client would, with messages from the descriptors."""

    def __init__(self, channel: grpc.aio.Channel, headers: dict[str, str]) -> None:
        self.channel = channel
        self.metadata = tuple(headers.items())
        self.pool = DescriptorPool()
        for file in descriptors([registry.manifest(unit) for unit in UNITS]).file:
            self.pool.Add(file)

    async def call(self, service: str, verb: str, **fields: Any) -> Any:
        method = self.pool.FindServiceByName(service).FindMethodByName(verb)
        request, reply = GetMessageClass(method.input_type), GetMessageClass(method.output_type)
        path = f"/{service}/{verb}"
        send = self.channel.unary_unary(path, request.SerializeToString, reply.FromString)
        return await send(request(**fields), metadata=self.metadata, timeout=20)


@asynccontextmanager
async def shop(*scopes: str) -> AsyncIterator[tuple[Running, Client]]:
    manifests = [registry.manifest(unit) for unit in UNITS]
    with folder() as data:
        async with running(*UNITS) as house:
            port = house.settings.listen_port
            envoy = Envoy(data, "127.0.0.1", free_port(), "http://localhost")
            derive(manifests, envoy.folder)
            ports: dict[str, int] = dict.fromkeys(("psp", "carrier", "mail", "house", "health"), port)
            envoy.configure(Upstreams(units=dict.fromkeys((*UNITS, "web"), "house"), ports=ports))
            envoy.start()
            try:
                async with grpc.aio.insecure_channel(f"127.0.0.1:{envoy.port}") as channel:
                    yield house, Client(channel, house.sign_in_as("integrator", scopes=scopes))
            finally:
                envoy.stop()


async def put_piece(house: Running) -> catalog.PutResult:
    image = io.BytesIO()
    Image.new("RGB", (40, 50), "#884422").save(image, "PNG")
    brand = await house.port(brands.Port).put_brand(brand=brands.BrandDraft(slug="ondevar", name="Ondevar"))
    asset = await house.port(media.Port).ingest(content=image.getvalue(), name="ring.png")
    await house.port(catalog.Port).put_category(
        category=catalog.CategoryDraft(slug="rings", name={"en": "Rings"})
    )
    return await house.port(catalog.Port).put_product(
        product=catalog.ProductDraft(
            slug="signet",
            brand_id=brand.id,
            category="rings",
            title={"en": "Signet"},
            body={"en": "<p>Gold.</p>"},
            variants=[catalog.VariantDraft(sku="SIG")],
            pictures=[catalog.PictureDraft(asset_id=asset.id)],
        )
    )


async def test_a_product_is_read_and_a_unit_held() -> None:
    async with shop("rpc:catalog", "rpc:inventory") as (house, client):
        [variant_id] = (await put_piece(house)).variant_ids
        stock = house.port(inventory.Port)
        await stock.receive(variant_id=variant_id, quantity=2, reason="delivery", key="first")

        piece = await client.call("luxe.catalog.v1.Catalog", "Product", slug="signet", locale="en")
        line = {"variant_id": variant_id, "quantity": 1}
        hold = await client.call(
            "luxe.inventory.v1.Inventory", "Hold", run="run_1", lines=[line], seconds=900
        )

        assert (piece.title, piece.brand, [variant.id for variant in piece.variants]) == (
            "Signet",
            "Ondevar",
            [variant_id],
        )
        assert [unit.variant_id for unit in hold.units] == [variant_id]
        assert await stock.availability(variant_ids=[variant_id]) == [
            inventory.Availability(variant_id=variant_id, on_hand=2, held=1, available=1)
        ]


async def test_what_is_sold_out_is_refused_and_nothing_is_held() -> None:
    async with shop("rpc:inventory") as (house, client):
        stock = house.port(inventory.Port)
        await stock.receive(variant_id="var_a", quantity=1, reason="delivery", key="first")
        lines = [{"variant_id": "var_a", "quantity": 1}, {"variant_id": "var_b", "quantity": 1}]

        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await client.call("luxe.inventory.v1.Inventory", "Hold", run="run_1", lines=lines, seconds=900)

        assert refused.value.code() is grpc.StatusCode.FAILED_PRECONDITION
        assert msgspec.json.decode(refused.value.details() or "")["details"][0]["code"] == "sold_out"
        assert await stock.availability(variant_ids=["var_a"]) == [
            inventory.Availability(variant_id="var_a", on_hand=1, held=0, available=1)
        ]


async def test_a_key_without_the_scope_is_refused() -> None:
    async with shop("rpc:catalog") as (_, client):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await client.call("luxe.inventory.v1.Inventory", "Availability", variant_ids=["var_a"])

        assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED
