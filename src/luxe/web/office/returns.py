"""Returns in the office: those that wait, and what is decided and found."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect

from luxe.kernel.auth import Principal
from luxe.kernel.errors import Refusal
from luxe.kernel.house import House
from luxe.services.orders.contract import Exchange, Finding, Order, Return
from luxe.web.office.desk import cursor_pages, moment, office_page, operator
from luxe.web.site import Site, Visitor, WebRequest, fields, see
from luxe.web.views import Choice, Link, page

_SHOWN = ("requested", "approved", "inspected", "refunded", "exchanged", "refused", "declined", "withdrawn")
_NEEDS = ("requested", "approved")
_FOUND = {"accepted": (True, "saleable"), "damaged": (True, "damaged"), "refused": (False, "saleable")}

Act = Callable[[Site, Return, dict[str, str]], Awaitable[Any]]


def _state(visitor: Visitor, state: str) -> str:
    """How a return stands, as the house sees it."""
    _ = visitor.words.gettext
    texts = {
        "requested": _("Waiting"),
        "approved": _("Approved"),
        "declined": _("Declined"),
        "withdrawn": _("Withdrawn"),
        "inspected": _("Here, and looked at"),
        "refunded": _("Accepted and refunded"),
        "exchanged": _("Accepted and exchanged"),
        "refused": _("Not accepted"),
    }
    return texts[state]


@get("/office/returns", include_in_schema=False)
async def returns(
    request: WebRequest, principal: Principal, house: House, shown: str = "requested", cursor: str = ""
) -> Response[str] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    state = shown if shown in _SHOWN else "requested"
    listed = await site.orders.returns(state=state, cursor=cursor)
    people = {
        each.id: each.name
        for each in await site.identity.accounts(account_ids=[one.account_id for one in listed.items])
    }
    wanted = wanted_pieces(await site.orders.exchanges(return_ids=[one.id for one in listed.items]))
    base = f"/office/returns?shown={state}"
    view = page(
        views=[
            Link(
                label=_state(visitor, each),
                url=f"/office/returns?shown={each}",
                current=each == state,
            )
            for each in _SHOWN
        ],
        rows=[
            page(
                url=f"/office/orders/{each.order_id}",
                number=each.number,
                member=people.get(each.account_id, ""),
                pieces=len(each.units),
                reason=each.reason,
                wanted=wanted.get(each.id, ""),
                asked=moment(visitor, each.requested_at),
                changed=moment(visitor, each.changed_at),
            )
            for each in listed.items
        ],
        pages=cursor_pages(base, cursor, listed.next),
    )
    return await office_page(request, site, visitor, "office/returns.html", view)


def wanted_pieces(found: Sequence[Exchange]) -> dict[str, str]:
    """By return, the piece that is wanted instead of money."""
    return {
        each.returned.id: ", ".join(
            part for part in (each.wanted.title, each.wanted.label, each.wanted.sku) if part
        )
        for each in found
    }


def return_rows(visitor: Visitor, returns: list[Return], exchanges: Sequence[Exchange] = ()) -> list[Any]:
    wanted = wanted_pieces(exchanges)
    return [
        page(
            number=each.number,
            state=_state(visitor, each.state),
            needs_person=each.state in _NEEDS,
            asked=moment(visitor, each.requested_at),
            reason=each.reason,
            units=", ".join(unit.serial for unit in each.units),
            wanted=wanted.get(each.id, ""),
        )
        for each in returns
    ]


def return_actions(visitor: Visitor, order: Order, returns: list[Return]) -> list[Any]:
    """What may be done with the returns of an order in their states."""
    _ = visitor.words.gettext
    titles = {line.variant_id: line.title for line in order.draft.lines}

    def action(known: Return, verb: str, label: str, text: str, **more: Any) -> Any:
        shared = {"needs_reason": False, "amount_hint": "", "kinds": [], "units": [], "findings": []}
        values = {
            "name": f"{verb}-{known.number}",
            "label": f"{label} · {known.number}",
            "text": text,
            "url": f"/office/orders/{order.id}/returns/{known.id}/{verb}",
        }
        return page(**(shared | values | more))

    def of(known: Return) -> list[Any]:
        decline = action(
            known,
            "decline",
            _("Decline the return"),
            _("The piece stays with the member."),
            needs_reason=True,
        )
        if known.state == "requested":
            approve = action(
                known, "approve", _("Approve the return"), _("The member gets a label to send it back with.")
            )
            return [approve, decline]
        inspect = action(
            known,
            "inspect",
            _("It is here: inspect"),
            _(
                "What was paid for accepted pieces goes back at once. Refused ones you send back to the member."
            ),
            units=[
                page(name=f"found_{place}", label=f"{titles[unit.variant_id]}, {unit.serial}")
                for place, unit in enumerate(known.units)
            ],
            findings=[
                Choice(value="accepted", label=_("Accepted, as new")),
                Choice(value="damaged", label=_("Accepted, but damaged: written off")),
                Choice(value="refused", label=_("Not accepted")),
            ],
        )
        return [inspect, decline] if known.state == "approved" else []

    return [each for known in returns for each in of(known)]


@post("/office/orders/{order_id:str}/returns/{return_id:str}/approve", include_in_schema=False)
async def approve(
    order_id: str, return_id: str, request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    async def act(site: Site, known: Return, typed: dict[str, str]) -> Any:
        return await site.orders.decide_return(return_id=known.id, approve=True, reason="")

    return await _done(order_id, return_id, request, principal, house, act)


@post("/office/orders/{order_id:str}/returns/{return_id:str}/decline", include_in_schema=False)
async def decline(
    order_id: str, return_id: str, request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    async def act(site: Site, known: Return, typed: dict[str, str]) -> Any:
        return await site.orders.decide_return(
            return_id=known.id, approve=False, reason=typed.get("reason", "")
        )

    return await _done(order_id, return_id, request, principal, house, act)


@post("/office/orders/{order_id:str}/returns/{return_id:str}/inspect", include_in_schema=False)
async def inspect(
    order_id: str, return_id: str, request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    async def act(site: Site, known: Return, typed: dict[str, str]) -> Any:
        findings = []
        for place, unit in enumerate(known.units):
            if (said := _FOUND.get(typed.get(f"found_{place}", ""))) is not None:
                accepted, condition = said
                findings.append(
                    Finding(
                        variant_id=unit.variant_id,
                        serial=unit.serial,
                        accepted=accepted,
                        condition="damaged" if condition == "damaged" else "saleable",
                    )
                )
        return await site.orders.inspect_return(return_id=known.id, findings=findings)

    return await _done(order_id, return_id, request, principal, house, act)


async def _done(
    order_id: str, return_id: str, request: WebRequest, principal: Principal, house: House, act: Act
) -> Response[Any] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, _visitor = found
    here = f"/office/orders/{order_id}"
    known = await site.orders.return_of(return_id=return_id)
    try:
        await act(site, known, await fields(request))
    except Refusal as refusal:
        if refusal.status == HTTPStatus.NOT_FOUND:
            raise
        return see(f"{here}?problem={refusal.code}")
    return see(here, "saved")
