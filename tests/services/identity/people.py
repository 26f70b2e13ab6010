"""The people of these tests, and what each is known by."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from luxe.services.identity.contract import (
    Account,
    EmailVerificationAsked,
    Port,
    RecoveryAsked,
    SignedIn,
)
from tests.harness import Running

MEI = "Mei.Lin@luxe-members.example"
MEI_PASSWORD = "seven quiet herons at dawn"
NEW_PASSWORD = "eleven loud geese by noon"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/19.1 Mobile/15E148 Safari/604.1"
)
CHROME = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36"
)
HOME = "203.0.113.7"


def identity(house: Running) -> Port:
    return house.port(Port)


async def register(house: Running, **changes: Any) -> Account:
    values: dict[str, Any] = {
        "place": "plc_1",
        "email": MEI,
        "name": "林美 Mei",
        "locale": "zh-CN",
        "currency": "CNY",
        "zone": "Asia/Shanghai",
        "password": MEI_PASSWORD,
    }
    return await identity(house).register(**(values | changes))


async def open_session(house: Running, account: Account, device: str = SAFARI) -> SignedIn:
    return await identity(house).open_session(
        account_id=account.id, device=device, address=HOME, method="registration"
    )


async def sign_in(
    house: Running, password: str = MEI_PASSWORD, email: str = MEI, address: str = HOME
) -> SignedIn:
    return await identity(house).sign_in(email=email, password=password, device=SAFARI, address=address)


async def token_of(house: Running, ticket: str) -> str:
    link = await identity(house).ticket_link(ticket=ticket)
    return parse_qs(urlsplit(link).query)["token"][0]


async def verification_token(house: Running) -> str:
    return await token_of(house, (await house.facts(EmailVerificationAsked))[-1].ticket)


async def recovery_token(house: Running, email: str = MEI) -> str:
    await identity(house).ask_recovery(email=email)
    return await token_of(house, (await house.facts(RecoveryAsked))[-1].ticket)


async def contents(house: Running) -> dict[str, list[Any]]:
    """Every row of identity, by table: on refusal this does not change."""
    tables = house.database("identity").metadata.tables
    return {
        name: sorted(map(repr, await house.rows("identity", f"SELECT * FROM {name}")))
        for name in sorted(tables)
    }
