"""Brands by slug and by vendor's name; agreements in force."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luxe.kernel import clock
from luxe.kernel.errors import Refusal
from luxe.services.brands import contract as brands
from luxe.services.brands import domain
from tests.harness import running

DRAFT = brands.BrandDraft(slug="ondevar", name="Ondevar", country="BE", founded=1911, story={"en": "Stones."})


def agreement(**changes: object) -> brands.AgreementDraft:
    values: dict[str, object] = {
        "reference": "A-1",
        "valid_from": date(2026, 1, 1),
        "valid_until": date(2026, 12, 31),
        "territories": ["CN", "FR"],
    }
    return brands.AgreementDraft(**(values | changes))  # type: ignore[arg-type]


async def test_a_brand_is_put_once_and_changed(binding: str) -> None:
    async with running("brands", binding=binding) as house:
        port = house.port(brands.Port)
        first = await port.put_brand(brand=DRAFT)
        assert await port.put_brand(brand=DRAFT) == first
        assert len(await house.facts(brands.BrandChanged)) == 1
        older = await port.put_brand(brand=brands.BrandDraft(slug="ondevar", name="Ondevar", founded=1890))
        assert (older.id, older.founded, older.country, older.supplied) == (first.id, 1890, "", False)
        assert await port.brands() == [older]
        assert await port.brands(brand_ids=[]) == []


async def test_a_vendor_is_the_brand_of_that_name_however_written(binding: str) -> None:
    async with running("brands", binding=binding) as house:
        port = house.port(brands.Port)
        made = await port.brand_for_vendor(name="Maison  Élan")
        assert (made.slug, made.name) == ("maison-elan", "Maison  Élan")
        assert (await port.brand_for_vendor(name=" MAISON élan ")).id == made.id
        assert (await port.brand_for_vendor(name="Maison-Elan")).slug == "maison-elan-2"
        assert (await port.brand_for_vendor(name="源")).slug.startswith("house-")
        with pytest.raises(Refusal) as refused:
            await port.brand_for_vendor(name="  ")
        assert refused.value.code == "brand_unknown"


async def test_an_agreement_covers_its_territories_in_its_time(binding: str) -> None:
    async with running("brands", binding=binding) as house:
        port = house.port(brands.Port)
        brand = await port.put_brand(brand=DRAFT)
        assert not await port.may_sell(brand_id=brand.id)
        await port.put_agreement(brand_id=brand.id, agreement=agreement())
        clock.replace_clock(lambda: datetime(2026, 12, 31, 23, tzinfo=UTC))
        try:
            assert await port.may_sell(brand_id=brand.id)
            assert await port.may_sell(brand_id=brand.id, territory="FR")
            assert not await port.may_sell(brand_id=brand.id, territory="JP")
            assert (await port.brands())[0].supplied
            clock.replace_clock(lambda: datetime(2027, 1, 1, tzinfo=UTC))
            assert not await port.may_sell(brand_id=brand.id)
        finally:
            clock.replace_clock(None)


async def test_refusals_leave_nothing(binding: str) -> None:
    async with running("brands", binding=binding) as house:
        port = house.port(brands.Port)
        brand = await port.put_brand(brand=DRAFT)
        refusals = [
            ("slug_invalid", port.put_brand(brand=brands.BrandDraft(slug="Not A Slug", name="X"))),
            ("brand_name_taken", port.put_brand(brand=brands.BrandDraft(slug="other", name="ONDEVAR"))),
            ("brand_unknown", port.put_agreement(brand_id="brand_x", agreement=agreement())),
            (
                "agreement_dates",
                port.put_agreement(brand_id=brand.id, agreement=agreement(valid_until=date(2025, 1, 1))),
            ),
            (
                "agreement_invalid",
                port.put_agreement(brand_id=brand.id, agreement=agreement(territories=["France"])),
            ),
            ("brand_unknown", port.may_sell(brand_id="brand_x")),
        ]
        for code, call in refusals:
            with pytest.raises(Refusal) as refused:
                await call
            assert refused.value.code == code
        assert len(await port.brands()) == 1
        assert await house.rows("brands", "SELECT 1 FROM brands.agreements") == []


@given(st.text(min_size=1).filter(lambda name: bool(name.strip())))
def test_every_name_has_a_slug(name: str) -> None:
    domain.check_brand(brands.BrandDraft(slug=domain.slug_for(name), name="x"))
