"""What the tests of the processes share: free ports, folders, and a gateway in front of a stand-in service."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from google.protobuf import descriptor_pool

from luxe.app import health_grpc
from luxe.app.engines.engine import free_port
from luxe.app.engines.envoy import Envoy
from luxe.app.gateway import Limit, Routes, Upstreams
from luxe.app.protos import describe_all
from luxe.kernel.ports import describe
from luxe.services.inventory.contract import Port as InventoryPort
from tests.app.stub_control import StubHouse, opened
from tests.app.upstream import Answer, Upstream
from tests.scratch import scratch


@contextmanager
def folder() -> Iterator[Path]:
    """A folder outside pytest's own, which another pytest on this machine closes for PostgreSQL's account."""
    path = scratch("app")
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    with folder() as path:
        yield path


@pytest.fixture(scope="session")
def descriptors() -> descriptor_pool.DescriptorPool:
    """The inventory's gRPC messages, as a client would load them."""
    pool = descriptor_pool.DescriptorPool()
    for file in describe_all([describe(InventoryPort)]).file:
        pool.Add(file)
    return pool


@pytest.fixture(scope="session")
def upstream() -> Iterator[Upstream]:
    service = Upstream(lambda seen: Answer())
    yield service
    service.close()


@pytest.fixture(scope="session")
def gateway(upstream: Upstream) -> Iterator[Envoy]:
    """Envoy before `upstream`, which stands for the PSP, the mail sink and the inventory; nothing serves `dead`."""
    data = scratch("gateway")
    envoy = Envoy(data, "127.0.0.1", free_port(), "http://localhost")
    envoy.folder.mkdir()
    (envoy.folder / "luxe.pb").write_bytes(describe_all([describe(InventoryPort)]).SerializeToString())
    (envoy.folder / "health.pb").write_bytes(health_grpc.descriptor())
    services = {"luxe.inventory.v1.Inventory": "inventory"}
    Routes(paths={"/v1/stock": "inventory", "/v1/stock/dead": "catalog"}, services=services).write(
        envoy.folder
    )
    ports: dict[str, int] = dict.fromkeys(
        ("psp", "carrier", "mail", "alipay", "wechat_pay", "front", "trade"), upstream.port
    ) | {"dead": free_port()}
    ports["health"] = free_port()
    envoy.configure(Upstreams(units={"web": "front", "inventory": "trade", "catalog": "dead"}, ports=ports))
    envoy.gate = Limit(burst=20, per_second=1)
    envoy.start()
    yield envoy
    envoy.stop()
    shutil.rmtree(data)


@pytest.fixture(scope="module")
def house() -> Iterator[StubHouse]:
    """One open house for the tests that leave it as they found it."""
    with folder() as data, opened(data, free_port(), "--health") as house:
        yield house
