"""The standard gRPC health service and server reflection for the processes of one house.

It is the gRPC upstream behind the gateway: gRPC clients reach it as it is, and `GET /v1/health/services` is
turned into a call of `Health/List` by Envoy. Source: grpc.health.v1 and grpc.reflection.v1alpha.
"""

import asyncio
import signal
from collections.abc import Mapping
from typing import Any

import grpc
import httpx
from google.api import annotations_pb2, http_pb2
from google.protobuf import descriptor_pb2
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from luxe.app.http_rule import http_rule

EVERY = 1.0


# The published type stubs are older than the library.
Servicer: Any = health.aio.HealthServicer  # pyright: ignore[reportAttributeAccessIssue]
messages: Any = health_pb2


class HealthService(Servicer):
    """The library's servicer with the newer `List` call, which it lacks. Who asks is told how things stand at that
    moment; who watches is told within a second of a change.

    `watched` is process → address that answers 200 while it is well; the empty name stands for all of them.
    """

    def __init__(self, client: httpx.AsyncClient, watched: Mapping[str, str]) -> None:
        super().__init__()
        self._client = client
        self._watched = dict(watched)

    async def look(self) -> dict[str, Any]:
        """Asks every process; name → its `HealthCheckResponse`."""
        well = await asyncio.gather(*(_is_well(self._client, address) for address in self._watched.values()))
        stand = {"": all(well), **dict(zip(self._watched, well, strict=True))}
        return {name: _answer(is_well) for name, is_well in stand.items()}

    async def watch_for_ever(self) -> None:
        while True:
            for name, answer in (await self.look()).items():
                await self.set(name, answer.status)
            await asyncio.sleep(EVERY)

    async def Check(self, request: Any, context: Any) -> Any:
        found = (await self.look()).get(request.service)
        return await super().Check(request, context) if found is None else found

    async def List(self, request: Any, context: object) -> Any:
        return messages.HealthListResponse(statuses=await self.look())


def descriptor() -> bytes:
    """The health service's descriptor set with one HTTP rule added, for Envoy's transcoder."""
    rule = descriptor_pb2.FileDescriptorProto()
    health_pb2.DESCRIPTOR.CopyToProto(rule)
    rule.dependency.append("google/api/annotations.proto")
    [service] = rule.service
    [listing] = [method for method in service.method if method.name == "List"]
    http_rule(listing).get = "/v1/health/services"
    result = descriptor_pb2.FileDescriptorSet()
    for file in (descriptor_pb2.DESCRIPTOR, http_pb2.DESCRIPTOR, annotations_pb2.DESCRIPTOR):
        file.CopyToProto(result.file.add())
    result.file.add().CopyFrom(rule)
    return result.SerializeToString()


def run(port: int, watched: Mapping[str, str]) -> None:
    """Serves on loopback until SIGTERM."""
    asyncio.run(_serve(port, watched))


async def _serve(port: int, watched: Mapping[str, str]) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    async with httpx.AsyncClient(timeout=2) as client:
        servicer = HealthService(client, watched)
        health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
        reflection.enable_server_reflection((health.SERVICE_NAME, reflection.SERVICE_NAME), server)
        server.add_insecure_port(f"127.0.0.1:{port}")
        for name in ("", *watched):
            await servicer.set(name, health_pb2.HealthCheckResponse.NOT_SERVING)
        await server.start()
        watching = asyncio.create_task(servicer.watch_for_ever())
        await stop.wait()
        watching.cancel()
        await server.stop(grace=1)


def _answer(is_well: bool) -> Any:
    status = health_pb2.HealthCheckResponse.SERVING if is_well else health_pb2.HealthCheckResponse.NOT_SERVING
    return messages.HealthCheckResponse(status=status)


async def _is_well(client: httpx.AsyncClient, address: str) -> bool:
    try:
        return (await client.get(address)).status_code == 200
    except httpx.HTTPError:
        return False
