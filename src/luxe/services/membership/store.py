"""Every query of membership."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    DateTime,
    RowMapping,
    Select,
    Text,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.services.membership.tables import (
    activations,
    applications,
    invitations,
    memberships,
    moves,
    places,
    plans,
    spend,
    spend_refunds,
)

Row = RowMapping


async def _one(tx: AsyncConnection, query: Select[Any]) -> Row | None:
    return (await tx.execute(query)).mappings().first()


# Invitations


async def insert_invitation(tx: AsyncConnection, values: dict[str, Any], place_ids: Sequence[str]) -> bool:
    """False where there is one of this id, which is waited for if it is being made at this moment."""
    fresh = upsert(invitations).values(values).on_conflict_do_nothing().returning(invitations.c.id)
    if (await tx.execute(fresh)).first() is None:
        return False
    rows = [
        {"id": place_id, "invitation_id": values["id"], "ordinal": ordinal, "email": ""}
        for ordinal, place_id in enumerate(place_ids)
    ]
    await tx.execute(insert(places).values(rows))
    return True


def _with_places(at: datetime) -> Select[Any]:
    """Invitations with the places left, and those that no account has taken."""
    untaken = places.c.account_id.is_(None)
    free = and_(untaken, or_(places.c.reserved_until.is_(None), places.c.reserved_until <= at))
    counted = (
        select(
            func.count().filter(free).label("uses_left"),
            func.count().filter(untaken).label("untaken"),
        )
        .where(places.c.invitation_id == invitations.c.id)
        .lateral()
    )
    return (
        select(invitations, counted.c.uses_left, counted.c.untaken)
        .select_from(invitations)
        .join(counted, counted.c.uses_left >= 0)
    )


async def invitations_by(tx: AsyncConnection, inviter_id: str, limit: int, at: datetime) -> Sequence[Row]:
    query = _with_places(at).order_by(invitations.c.created_at.desc(), invitations.c.id.desc()).limit(limit)
    if inviter_id:
        query = query.where(invitations.c.inviter_id == inviter_id)
    return (await tx.execute(query)).mappings().all()


async def invitation(tx: AsyncConnection, invitation_id: str, at: datetime) -> Row | None:
    return await _one(tx, _with_places(at).where(invitations.c.id == invitation_id))


async def invitation_by_code(tx: AsyncConnection, code_hash: str, at: datetime) -> Row | None:
    return await _one(tx, _with_places(at).where(invitations.c.code_hash == code_hash))


async def lock_invitation(tx: AsyncConnection, code_hash: str) -> Row | None:
    """Whoever takes places of one invitation takes turns, so that the last place has exactly one taker."""
    return await _one(tx, select(invitations).where(invitations.c.code_hash == code_hash).with_for_update())


async def revoke(tx: AsyncConnection, invitation_id: str, by: str, at: datetime) -> bool:
    revoked = await tx.execute(
        update(invitations)
        .where(invitations.c.id == invitation_id, invitations.c.revoked_at.is_(None))
        .values(revoked_at=at, revoked_by=by)
        .returning(invitations.c.id)
    )
    return revoked.first() is not None


async def place_for(tx: AsyncConnection, invitation_id: str, email: str, at: datetime) -> Row | None:
    """The address's own place, else the first free one."""
    own = places.c.email == email
    free = or_(places.c.reserved_until.is_(None), places.c.reserved_until <= at)
    query = (
        select(places)
        .where(places.c.invitation_id == invitation_id, places.c.account_id.is_(None), or_(own, free))
        .order_by(own.desc(), places.c.ordinal)
        .limit(1)
    )
    return await _one(tx, query)


async def reserve(tx: AsyncConnection, place_id: str, new_id: str, email: str, until: datetime) -> None:
    await tx.execute(
        update(places).where(places.c.id == place_id).values(id=new_id, email=email, reserved_until=until)
    )


async def give_place(tx: AsyncConnection, place_id: str, account_id: str, at: datetime) -> bool:
    """Gives a reserved place to an account; False if it is not reserved any more."""
    given = await tx.execute(
        update(places)
        .where(places.c.id == place_id, places.c.account_id.is_(None), places.c.reserved_until.is_not(None))
        .values(account_id=account_id, taken_at=at)
        .returning(places.c.id)
    )
    return given.first() is not None


async def free_lapsed_places(tx: AsyncConnection, at: datetime) -> None:
    """A place that nobody took forgets whom it was kept for."""
    await tx.execute(
        update(places)
        .where(places.c.account_id.is_(None), places.c.reserved_until <= at)
        .values(email="", reserved_until=None)
    )


async def inviter_of(tx: AsyncConnection, account_id: str) -> str:
    query = (
        select(invitations.c.inviter_name)
        .join(places, places.c.invitation_id == invitations.c.id)
        .where(places.c.account_id == account_id)
        .order_by(places.c.taken_at)
        .limit(1)
    )
    return (await tx.execute(query)).scalar() or ""


# Applications


async def insert_application(tx: AsyncConnection, values: dict[str, Any]) -> Row | None:
    """None if the account has an open application already."""
    added = await tx.execute(
        upsert(applications).values(values).on_conflict_do_nothing().returning(applications)
    )
    return added.mappings().first()


async def latest_application(tx: AsyncConnection, account_id: str) -> Row | None:
    query = select(applications).where(applications.c.account_id == account_id)
    return await _one(tx, query.order_by(applications.c.id.desc()).limit(1))


async def application(tx: AsyncConnection, application_id: str, lock: bool = False) -> Row | None:
    query = select(applications).where(applications.c.id == application_id)
    return await _one(tx, query.with_for_update() if lock else query)


async def applications_in(tx: AsyncConnection, state: str, after: str, limit: int) -> Sequence[Row]:
    query = select(applications).where(applications.c.state == state, applications.c.id > after)
    return (await tx.execute(query.order_by(applications.c.id).limit(limit))).mappings().all()


async def set_decision(tx: AsyncConnection, application_id: str, values: dict[str, Any]) -> Row:
    query = (
        update(applications).where(applications.c.id == application_id).values(values).returning(applications)
    )
    return (await tx.execute(query)).mappings().one()


async def is_approved(tx: AsyncConnection, account_id: str) -> bool:
    query = select(applications.c.id).where(
        applications.c.account_id == account_id, applications.c.state == "approved"
    )
    return (await tx.execute(query)).first() is not None


# Plans and memberships


async def plan_row(tx: AsyncConnection, currency: str) -> Row | None:
    return await _one(tx, select(plans).where(plans.c.currency == currency))


async def membership(tx: AsyncConnection, account_id: str, lock: bool = False) -> Row | None:
    query = select(memberships).where(memberships.c.account_id == account_id)
    return await _one(tx, query.with_for_update() if lock else query)


async def standing(tx: AsyncConnection, account_id: str, since: datetime) -> Row | None:
    """A membership with `pending` and `qualifying` as in `totals`, in one statement."""
    found = await tx.execute(_standing(), {"account": account_id, "since": since})
    return found.mappings().first()


@cache
def _standing() -> Select[Any]:
    sums = _totals().subquery()
    query = select(memberships, sums.c.pending, sums.c.qualifying).select_from(memberships.join(sums, true()))
    return query.where(memberships.c.account_id == bindparam("account", type_=Text))


async def insert_membership(tx: AsyncConnection, values: dict[str, Any]) -> bool:
    """False if the account has one already, or the number is another's."""
    added = await tx.execute(
        upsert(memberships).values(values).on_conflict_do_nothing().returning(memberships.c.account_id)
    )
    return added.first() is not None


async def set_membership(tx: AsyncConnection, account_id: str, **values: Any) -> None:
    await tx.execute(update(memberships).where(memberships.c.account_id == account_id).values(values))


async def was_activated(tx: AsyncConnection, run: str) -> bool:
    return (await tx.execute(select(activations.c.run).where(activations.c.run == run))).first() is not None


async def insert_activation(tx: AsyncConnection, values: dict[str, Any]) -> None:
    await tx.execute(insert(activations).values(values))


async def lapse(tx: AsyncConnection, at: datetime, limit: int) -> Sequence[str]:
    due = (
        select(memberships.c.account_id)
        .where(memberships.c.state == "active", memberships.c.until <= at)
        .order_by(memberships.c.until)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    query = (
        update(memberships)
        .where(memberships.c.account_id == due.c.account_id)
        .values(state="lapsed")
        .returning(memberships.c.account_id)
    )
    return (await tx.execute(query)).scalars().all()


# Spend and what it moves


async def insert_spend(tx: AsyncConnection, values: dict[str, Any], move: dict[str, Any]) -> bool:
    """With its first move, in one statement. False if this order was heard of before."""
    query = _spending(tuple(values), tuple(move))
    known = {f"spend_{name}": value for name, value in values.items()}
    known |= {f"move_{name}": value for name, value in move.items()}
    return (await tx.execute(query, known)).first() is not None


@cache
def _spending(columns: tuple[str, ...], move: tuple[str, ...]) -> Select[Any]:
    row = {name: bindparam(f"spend_{name}", type_=spend.c[name].type) for name in columns}
    added = upsert(spend).values(row).on_conflict_do_nothing().returning(spend.c.order_id).cte("added")
    told = select(*(bindparam(f"move_{name}", type_=moves.c[name].type) for name in move)).select_from(added)
    moved = insert(moves).from_select(list(move), told).cte("moved")
    return select(added).add_cte(moved)


async def lock_spend(tx: AsyncConnection, order_id: str) -> Row | None:
    return await _one(tx, select(spend).where(spend.c.order_id == order_id).with_for_update())


async def insert_refund(tx: AsyncConnection, values: dict[str, Any]) -> bool:
    """False if this refund was heard of before."""
    fresh = upsert(spend_refunds).values(values).on_conflict_do_nothing().returning(spend_refunds.c.refund_id)
    return (await tx.execute(fresh)).first() is not None


async def refunded(tx: AsyncConnection, order_id: str) -> int:
    """Minor units of what the order was paid in."""
    query = select(func.coalesce(func.sum(spend_refunds.c.minor), 0))
    return int((await tx.execute(query.where(spend_refunds.c.order_id == order_id))).scalar_one())


async def change_spend(tx: AsyncConnection, order_id: str, **values: Any) -> None:
    await tx.execute(update(spend).where(spend.c.order_id == order_id).values(values))


async def set_spend(tx: AsyncConnection, order_ids: Sequence[str], state: str) -> None:
    await tx.execute(update(spend).where(spend.c.order_id.in_(order_ids)).values(state=state))


async def maturing(tx: AsyncConnection, at: datetime, limit: int) -> Sequence[Row]:
    query = (
        select(spend).where(spend.c.state == "pending", spend.c.matures_at <= at).order_by(spend.c.matures_at)
    )
    return (await tx.execute(query.limit(limit).with_for_update(skip_locked=True))).mappings().all()


async def totals(tx: AsyncConnection, account_id: str, since: datetime) -> Row:
    """`pending` and `qualifying` in minor base units; `orders` are the ids that qualify."""
    return (await tx.execute(_totals(), {"account": account_id, "since": since})).mappings().one()


@cache
def _totals() -> Select[Any, Any, Sequence[Any]]:
    since = bindparam("since", type_=DateTime(timezone=True))
    counts = and_(spend.c.state == "qualifying", spend.c.paid_at > since)
    return select(
        func.coalesce(func.sum(spend.c.base_minor).filter(spend.c.state == "pending"), 0).label("pending"),
        func.coalesce(func.sum(spend.c.base_minor).filter(counts), 0).label("qualifying"),
        func.coalesce(func.array_agg(spend.c.order_id).filter(counts), []).label("orders"),
    ).where(spend.c.account_id == bindparam("account", type_=Text))


async def insert_moves(tx: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    await tx.execute(insert(moves).values(list(rows)))


async def first_rise_on(tx: AsyncConnection, account_id: str, order_id: str, reason: str) -> Row | None:
    """The first rise of an account for this reason whose evidence names the order."""
    query = select(moves).where(
        moves.c.kind == "tier",
        moves.c.object_id == account_id,
        moves.c.reason == reason,
        moves.c.evidence.contains({"orders": [order_id]}),
    )
    return await _one(tx, query.order_by(moves.c.seq).limit(1))
