"""Fills the demo house: its people, its pieces, its pictures. What is there already stays as it is."""

from __future__ import annotations

import asyncio
import json
import shutil
from datetime import date, timedelta
from pathlib import Path

import msgspec

from luxe.app.house import Composition
from luxe.app.premises import ROOT
from luxe.app.products import demo_house
from luxe.app.registry import unit_names
from luxe.app.vault import Vault
from luxe.kernel import clock, context
from luxe.kernel.house import House
from luxe.kernel.money import Money
from luxe.kernel.settings import Settings
from luxe.services.fulfilment.contract import Port as FulfilmentPort
from luxe.services.identity.contract import Account
from luxe.services.identity.contract import Port as IdentityPort
from luxe.services.membership.contract import ApplicationForm
from luxe.services.membership.contract import Port as MembershipPort

DEMO = ROOT / "demo"
_PICTURES = {
    "public/door.webp": "threshold",
    "editorial/home.webp": "still-life-evening",
    "editorial/feature.webp": "still-life-desk",
}
"""Which editorial hangs where; strangers see the one in which nothing is for sale."""


_SHEETS = {"delivery": "delivery", "taxes": "taxes", "closed_days": "closed-days"}
_SERVED = ("CN-Shanghai", "FR")
"""Where the demo house comes in white gloves."""


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody of the demo house; `roles` beyond `member`."""

    key: str
    email: str
    name: str
    roles: tuple[str, ...] = ()
    member: bool = False
    locale: str = "en"
    zone: str = "Asia/Shanghai"


PEOPLE = (
    Person(
        key="operator", email="office@luxe.example", name="Sun Li", roles=("operator", "approver", "auditor")
    ),
    Person(key="member", email="member@luxe.example", name="Lin Weiran", member=True),
    Person(
        key="integrator", email="api@luxe.example", name="House integration", roles=("operator", "integrator")
    ),
)


def run(settings: Settings) -> None:
    asyncio.run(fill(settings))


async def fill(settings: Settings) -> None:
    """Adds what is missing; says each thing it does."""
    composition = Composition(settings, [unit for unit in unit_names() if unit != "web"])
    await composition.start(background=False)
    try:
        with context.entered(context.Context(request_id="seed")):
            await _people(composition.house)
            _pictures(settings.data_dir)
            print("Bringing in the pieces", flush=True)
            await _tables(composition.house)
            await demo_house.load(composition.house, DEMO, lambda line: print(line, flush=True))
    finally:
        await composition.stop()


async def _people(house: House) -> None:
    identity, membership = house.port(IdentityPort), house.port(MembershipPort)
    vault = Vault(house.settings.data_dir)
    logins = []
    for person in PEOPLE:
        password = vault.secret(f"demo_{person.key}_password")[:16]
        account = await identity.account_by_email(email=person.email)
        if account is None:
            print(f"Opening the account of {person.name}", flush=True)
            account = await _open(identity, membership, person, password)
        surface = "storefront" if person.member else "office"
        logins.append({"who": person.key, "where": surface, "e-mail": person.email, "password": password})
    operator = await identity.account_by_email(email=PEOPLE[0].email)
    assert operator is not None
    if not await membership.invitations(inviter_id=operator.id):
        made = await membership.invite(
            inviter_id=operator.id, inviter_name=operator.name, uses=1000, days=365, note="demo"
        )
        print(f"An invitation for a thousand guests: {made.link}", flush=True)
    invitation = (await membership.invitations(inviter_id=operator.id))[-1]
    link = await membership.invitation_link(invitation_id=invitation.id)
    logins.append(
        {"who": "a guest", "where": link, "e-mail": "any", "password": "a passkey, or one of your own"}
    )
    (house.settings.data_dir / "demo-logins.json").write_text(json.dumps(logins, indent=1))


async def _open(identity: IdentityPort, membership: MembershipPort, person: Person, password: str) -> Account:
    account = await identity.register(
        place="",
        email=person.email,
        name=person.name,
        locale=person.locale,
        currency="CNY",
        zone=person.zone,
        password=password,
    )
    for role in (*person.roles, *(("member",) if person.member else ())):
        await identity.grant_role(account_id=account.id, role=role, reason="demo house")
    if person.member:
        form = ApplicationForm(
            full_name=person.name,
            country="CN",
            city="Shanghai",
            birthday=date(1988, 4, 17),
            declared_spend=Money(50_000_000, "CNY"),
            means="business",
            references=[
                "Chen Yulan · member · chen@luxe.example",
                "Paul Aubry · lawyer · aubry@luxe.example",
            ],
            truthful=True,
        )
        application = await membership.apply(account_id=account.id, form=form)
        await membership.decide(application_id=application.id, approve=True, reason="", by="seed")
        plan = await membership.plan(currency="CNY")
        await membership.activate(run=f"seed:{account.id}", account_id=account.id, fee=plan.fee)
    return account


async def _tables(house: House) -> None:
    """What delivery costs, taxes and closed days, where the house has none; and appointments for the weeks to come."""
    fulfilment = house.port(FulfilmentPort)
    for table, name in _SHEETS.items():
        _, *rows = (await fulfilment.sheet(table=table)).splitlines()
        if not rows:
            text = (DEMO / "trade" / f"{name}.csv").read_text()
            await fulfilment.replace_sheet(table=table, sheet=text, operator_id="seed")
    tomorrow = clock.now().date() + timedelta(days=1)
    if await fulfilment.capacities(first=tomorrow, last=tomorrow + timedelta(days=60)):
        return
    for place in _SERVED:
        for ahead in range(30):
            for starts, ends in (("10:00", "13:00"), ("14:00", "18:00")):
                await fulfilment.put_capacity(
                    method="white_glove",
                    place=place,
                    day=tomorrow + timedelta(days=ahead),
                    starts=starts,
                    ends=ends,
                    capacity=3,
                )


def _pictures(data: Path) -> None:
    """The door's picture for strangers and the editorial ones for members, drawn anew when the demo house's change."""
    for place, slug in _PICTURES.items():
        target = data / place
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(DEMO / "pictures" / f"editorial-{slug}.webp", target)
