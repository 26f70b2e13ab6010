"""The address book."""

from __future__ import annotations

import msgspec

from luxe.kernel import clock
from luxe.kernel.ids import is_id, new_id
from luxe.services.orders.contract import Address, SavedAddress
from luxe.services.orders.domain.addresses import fingerprint
from luxe.services.orders.service.foundation import Foundation, demand_address
from luxe.services.orders.store import addresses as store


class AddressBook(Foundation):
    async def check_address(self, *, address: Address) -> Address:
        return demand_address(address)

    async def save_address(self, *, account_id: str, address: Address) -> SavedAddress:
        saved = SavedAddress(id=new_id("adr"), address=demand_address(address), used_at=clock.now())
        kept = await store.save_address(self.db.tx, account_id, saved, fingerprint(saved.address))
        return msgspec.structs.replace(saved, id=kept)

    async def addresses(self, *, account_id: str) -> list[SavedAddress]:
        return await store.addresses_of(self.db.tx, account_id)

    async def forget_address(self, *, account_id: str, address_id: str) -> None:
        if is_id(address_id, "adr"):
            await store.forget_address(self.db.tx, account_id, address_id)
