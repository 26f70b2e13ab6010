"""Invitations and their places."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from luxe.kernel import clock, context, errors
from luxe.kernel.ids import new_id
from luxe.services.membership import domain, store
from luxe.services.membership.contract import Invitation, InvitationIssued, InvitationMade, Place
from luxe.services.membership.service.foundation import Foundation


def _invalid() -> errors.Refusal:
    return errors.Conflict("this invitation cannot be used", code="invitation_invalid")


def _view(row: Any) -> Invitation:
    return Invitation(**{field: row[field] for field in Invitation.__struct_fields__})


class Inviting(Foundation):
    async def invite(
        self,
        *,
        inviter_id: str,
        inviter_name: str,
        uses: int,
        days: int,
        email: str = "",
        note: str = "",
        locale: str = "en",
        key: str = "",
    ) -> InvitationMade:
        """Raises `PayloadInvalid` (`invitation_incomplete`) with `errors` by field."""
        address = domain.plain_email(email)
        self._check(uses, days, address, note)
        at = clock.now()
        invitation_id = domain.invitation_id(inviter_id, key) if key else new_id("inv")
        code = domain.code_of(self.settings.secret, invitation_id)
        values = {
            "id": invitation_id,
            "code_hash": domain.code_hash(code),
            "inviter_id": inviter_id,
            "inviter_name": inviter_name,
            "note": note.strip(),
            "bound": bool(address),
            "email": address,
            "uses": uses,
            "expires_at": at + timedelta(days=days),
            "revoked_at": None,
            "revoked_by": "",
            "created_at": at,
        }
        if not await store.insert_invitation(self.db.tx, values, [new_id("plc") for _ in range(uses)]):
            known = await store.invitation(self.db.tx, invitation_id, at)
            assert known is not None
            return InvitationMade(invitation=_view(known), code=code, link=self._link(invitation_id))
        self.db.emit(InvitationIssued(invitation_id=invitation_id, email=address, locale=locale))
        self.db.audit("membership.invited", invitation_id, uses=uses, days=days, bound=bool(address))
        return InvitationMade(
            invitation=_view(values | {"uses_left": uses}), code=code, link=self._link(invitation_id)
        )

    async def invitations(self, *, inviter_id: str = "", limit: int = 50) -> list[Invitation]:
        rows = await store.invitations_by(self.db.tx, inviter_id, max(1, min(limit, 200)), clock.now())
        return [_view(row) for row in rows]

    async def revoke_invitation(self, *, invitation_id: str) -> None:
        """Again it has no further effect. Raises `NotFound` (`invitation_unknown`)."""
        if await store.invitation(self.db.tx, invitation_id, clock.now()) is None:
            raise errors.NotFound("no such invitation", code="invitation_unknown")
        if await store.revoke(self.db.tx, invitation_id, context.current().actor, clock.now()):
            self.db.audit("membership.invitation_revoked", invitation_id)

    async def invitation_link(self, *, invitation_id: str) -> str:
        if await store.invitation(self.db.tx, invitation_id, clock.now()) is None:
            raise errors.NotFound("no such invitation", code="invitation_unknown")
        return self._link(invitation_id)

    async def look_at_invitation(self, *, code: str) -> Invitation:
        """A place that is only reserved may be the asker's own, so it does not make the invitation invalid yet."""
        row = await store.invitation_by_code(self.db.tx, domain.code_hash(code), clock.now())
        if row is None or not self._stands(row) or not row["untaken"]:
            raise _invalid()
        return _view(row)

    async def take_place(self, *, code: str, email: str) -> Place:
        address = domain.plain_email(email)
        invitation = await store.lock_invitation(self.db.tx, domain.code_hash(code))
        if invitation is None or not self._stands(invitation) or not domain.is_email(address):
            raise _invalid()
        if invitation["bound"] and invitation["email"] != address:
            raise _invalid()
        at = clock.now()
        place = await store.place_for(self.db.tx, invitation["id"], address, at)
        if place is None:
            raise _invalid()
        place_id = place["id"] if place["email"] == address else new_id("plc")
        until = at + domain.PLACE_HELD
        await store.reserve(self.db.tx, place["id"], place_id, address, until)
        return Place(id=place_id, inviter_name=invitation["inviter_name"], expires_at=until)

    async def give_place(self, *, place_id: str, account_id: str) -> None:
        """An account was registered with a place: it is used up. A place that lapsed meanwhile is not taken from others."""
        if place_id and not await store.give_place(self.db.tx, place_id, account_id, clock.now()):
            self.db.audit("membership.place_lapsed", account_id, place=place_id)

    async def free_places(self) -> bool:
        await store.free_lapsed_places(self.db.tx, clock.now())
        return False

    def _link(self, invitation_id: str) -> str:
        code = domain.code_of(self.settings.secret, invitation_id)
        return f"{self.settings.public_url.rstrip('/')}/?invitation={code}"

    def _stands(self, row: Any) -> bool:
        return row["revoked_at"] is None and row["expires_at"] > clock.now()

    def _check(self, uses: int, days: int, address: str, note: str) -> None:
        wrong = {
            "uses": not 1 <= uses <= domain.MOST_USES,
            "days": not 1 <= days <= domain.MOST_DAYS,
            "email": bool(address) and not domain.is_email(address),
            "note": len(note) > 500,
        }
        listed = [{"field": field, "message": "out_of_range"} for field, bad in wrong.items() if bad]
        if listed:
            raise errors.PayloadInvalid(
                "the invitation is incomplete", code="invitation_incomplete", errors=listed
            )
