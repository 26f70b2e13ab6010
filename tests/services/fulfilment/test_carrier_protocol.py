"""What every carrier's adapter must do, as a test. It runs against our simulator's process; another adapter is added to
`adapters` with a sandbox of its own."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import msgspec
import pytest

from luxe.kernel import clock
from luxe.kernel.errors import BadRequest, DeadlineExceeded, Forbidden, Unavailable
from luxe.kernel.ids import new_id
from luxe.services.fulfilment.service import simulator
from luxe.services.fulfilment.service.carrier import Carrier as Adapter
from luxe.services.fulfilment.service.carrier import CarrierRefused, Parcel
from tests.harness import make_settings
from tests.outside.parties import KEY, SECRET, start_carrier
from tests.services.fulfilment.carrier import Carrier


@pytest.fixture
async def adapter(carrier: Carrier) -> AsyncIterator[Adapter]:
    async with httpx.AsyncClient() as client:
        yield simulator.Simulator(
            client, make_settings("postgresql+asyncpg://nobody@nowhere/no", **carrier.settings)
        )


def parcel(reference: str = "", **changes: str) -> Parcel:
    found = Parcel(
        reference=reference or new_id("shp"),
        number="SH-7Q2X8ZF3",
        service="express",
        name="林薇然",
        line1="中山东一路1号",
        line2="",
        city="Shanghai",
        region="Shanghai",
        postcode="200002",
        country="CN",
        phone="+86 21 6321 6888",
        pieces=1,
    )
    return msgspec.structs.replace(found, **changes)


async def test_a_reference_books_once(adapter: Adapter, carrier: Carrier) -> None:
    wanted = parcel()
    assert await adapter.find(wanted.reference) is None
    booked = await adapter.book(wanted)
    assert booked.live
    assert booked.carrier_id
    assert booked.tracking_number
    assert booked.carrier
    assert booked.label.startswith(b"%PDF-")
    assert await adapter.book(wanted) == booked == await adapter.find(wanted.reference)
    with pytest.raises(CarrierRefused) as refused:
        await adapter.book(parcel(wanted.reference, city="Beijing"))
    assert refused.value.code == "key_reused"
    assert await carrier.journal(wanted.reference) == ["book"]


async def test_a_no_and_a_silence_are_told_apart(
    adapter: Adapter, carrier: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulator, "SECONDS", 0.5)
    wanted = parcel()
    await carrier.faults(api={"operation": "book", "mode": "refuse"})
    with pytest.raises(CarrierRefused):
        await adapter.book(wanted)
    for mode in ("timeout_before", "error_500"):
        await carrier.faults(api={"operation": "book", "mode": mode})
        with pytest.raises(DeadlineExceeded):
            await adapter.book(wanted)
    assert (await adapter.find(wanted.reference), await carrier.journal(wanted.reference)) == (None, [])
    await carrier.faults(api={"operation": "book", "mode": "timeout_after"})
    with pytest.raises(DeadlineExceeded):
        await adapter.book(wanted)
    found = await adapter.find(wanted.reference)
    assert found is not None
    assert found == await adapter.book(wanted)
    assert await carrier.journal(wanted.reference) == ["book"]


async def test_nobody_there_is_not_a_silence() -> None:
    nowhere = make_settings(
        "postgresql+asyncpg://nobody@nowhere/no", carrier_url="http://127.0.0.1:9/carrier"
    )
    async with httpx.AsyncClient() as client:
        with pytest.raises(Unavailable):
            await simulator.Simulator(client, nowhere).book(parcel())


async def test_a_booking_is_cancelled_until_it_is_under_way(adapter: Adapter, carrier: Carrier) -> None:
    wanted = parcel()
    booked = await adapter.book(wanted)
    for _ in range(2):
        await adapter.cancel(booked.carrier_id)
    found = await adapter.find(wanted.reference)
    assert found is not None
    assert not found.live
    other = parcel()
    under_way = await adapter.book(other)
    await carrier.scan(other.reference, "accepted")
    with pytest.raises(CarrierRefused):
        await adapter.cancel(under_way.carrier_id)
    assert await carrier.journal(wanted.reference) == ["book", "cancel"]


async def test_scans_are_read_in_their_order_and_in_our_words(adapter: Adapter, carrier: Carrier) -> None:
    wanted = parcel()
    booked = await adapter.book(wanted)
    await carrier.scan(
        wanted.reference, "accepted", "in_transit", "exception", "returned", note="no one there"
    )
    history = await adapter.history(booked.carrier_id)
    assert [(news.seq, news.state) for news in history] == [
        (1, "handed_over"),
        (2, "in_transit"),
        (3, "exception"),
        (4, "returned_to_sender"),
    ]
    assert {(news.reference, news.spot, news.note) for news in history} == {
        (wanted.reference, "Shanghai", "no one there")
    }


async def test_only_what_the_carrier_signed_lately_is_its_word(adapter: Adapter, carrier: Carrier) -> None:
    wanted = parcel()
    booked = await adapter.book(wanted)
    (scan,) = await carrier.scan(wanted.reference, "accepted")
    body, now = msgspec.json.encode(scan).decode(), clock.now()

    def signed(text: str, secret: str = SECRET, at: int = int(now.timestamp())) -> str:
        mac = hmac.new(secret.encode(), f"{at}.{text}".encode(), hashlib.sha256)
        return f"t={at},v1={mac.hexdigest()}"

    assert adapter.read_event(body, signed(body), now) == (await adapter.history(booked.carrier_id))[0]
    for forged in (signed(body + " "), signed(body, "another"), "", "t=1,v1=é"):
        with pytest.raises(Forbidden):
            adapter.read_event(body, forged, now)
    with pytest.raises(Forbidden):
        adapter.read_event(body, signed(body), now + timedelta(seconds=301))
    with pytest.raises(BadRequest):
        adapter.read_event("{}", signed("{}"), now)


async def test_what_the_carrier_said_yes_to_survives_its_death(tmp_path: Path) -> None:
    wanted = parcel()
    answers = []
    for _ in range(2):
        party = start_carrier(tmp_path)
        settings = make_settings(
            "postgresql+asyncpg://nobody@nowhere/no", carrier_url=f"{party.url}/carrier", carrier_key=KEY
        )
        async with httpx.AsyncClient() as client:
            answers.append(await simulator.Simulator(client, settings).book(wanted))
        party.kill()
    assert answers[0] == answers[1]
