"""The carrier's process as a test sees it, and a shelf of sold pieces to send."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx

from luxe.services.inventory.contract import HoldLine
from luxe.services.inventory.contract import Port as InventoryPort
from luxe.services.orders.contract import Order
from luxe.services.orders.contract import Port as OrdersPort
from tests.harness import Running
from tests.outside.parties import KEY, SECRET, Party
from tests.services.orders.drafts import draft, line

HEADERS = {"authorization": f"Bearer {KEY}"}


class Carrier:
    def __init__(self, party: Party) -> None:
        self.url = f"{party.url}/carrier"
        self.client = httpx.AsyncClient(base_url=self.url, headers=HEADERS, timeout=20)

    @property
    def settings(self) -> dict[str, Any]:
        return {"carrier_url": self.url, "carrier_key": KEY, "carrier_webhook_secret": SECRET}

    async def faults(self, **order: Any) -> None:
        assert (await self.client.post("/control/faults", json=order)).status_code == 204

    async def journal(self, reference: str) -> list[str]:
        found = (await self.client.get("/control/journal")).json()["data"]
        return [each["effect"] for each in found if each["reference"] == reference]

    async def parcel(self, reference: str) -> dict[str, Any]:
        (found,) = (await self.client.get("/v1/parcels", params={"reference": reference})).json()["data"]
        return found

    async def scan(self, reference: str, *states: str, **more: str) -> list[dict[str, Any]]:
        parcel = await self.parcel(reference)
        scans = []
        for state in states:
            answer = await self.client.post(
                f"/control/parcels/{parcel['id']}/scan", json={"state": state, **more}
            )
            assert answer.status_code == 201, answer.text
            scans.append(answer.json())
        return scans

    async def close(self) -> None:
        await self.client.delete("/control/faults")
        await self.client.aclose()


async def sold(house: Running, run: str, serials: Sequence[str]) -> Order:
    """A paid order of these pieces."""
    inventory, orders = house.port(InventoryPort), house.port(OrdersPort)
    await inventory.receive(
        variant_id="var_clutch", quantity=len(serials), reason="new", key=run, serials=list(serials)
    )
    lines = [HoldLine(variant_id="var_clutch", quantity=len(serials))]
    await inventory.hold(run=run, lines=lines, seconds=600)
    order = await orders.place(run=run, draft=draft(line(quantity=len(serials))))
    units = await inventory.commit(run=run, order_id=order.id)
    named = {"var_clutch": sorted(unit.serial for unit in units)}
    return await orders.mark_paid(run=run, intent_id=f"pay_{run}", points_earned=0, serials=named)
