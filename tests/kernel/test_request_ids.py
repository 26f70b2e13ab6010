"""A request's id goes with its work into other processes, and nobody outside chooses it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from luxe.kernel import context
from luxe.kernel.money import Money
from luxe.kernel.ports import internal_token
from luxe.services.pricing import contract as pricing
from luxe.services.pricing.tables import metadata
from tests.harness import SECRET, running

DRAFT = pricing.PriceDraft(variant_id="var_1", price=Money(10_000, "CNY"), compare_at=None)
OUTBOX = metadata.tables["pricing.outbox"]


async def test_a_call_keeps_its_request_and_actor_in_the_process_that_answers_it(binding: str) -> None:
    async with running("pricing", binding=binding) as house:
        with context.entered(context.Context(request_id="req_of_the_caller", actor="acc_1")):
            await house.port(pricing.Port).put_prices(prices=[DRAFT])

        async with house.database("pricing").reading() as connection:
            kept = (await connection.execute(select(OUTBOX.c.request_id, OUTBOX.c.actor))).all()
        assert [tuple(row) for row in kept] == [("req_of_the_caller", "acc_1")]


@pytest.mark.parametrize("shown", [None, "", "wrong", "ÿ", internal_token("another house")])
async def test_only_a_process_of_this_house_may_name_a_request(shown: str | None) -> None:
    claims = {"x-luxe-request": "chosen", "x-luxe-actor": "acc_chosen"}
    claims |= {} if shown is None else {"luxe-internal": shown}
    async with running("pricing") as house:
        headers = [(name.encode(), value.encode("latin-1")) for name, value in claims.items()]
        url = "/luxe.pricing.v1.Pricing/PutPrices"
        answer = await house.rest.post(url, json={"prices": []}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
        assert answer.headers["x-request-id"].startswith("req_")

        honest = {"luxe-internal": internal_token(SECRET), "x-luxe-request": "chosen"}
        answer = await house.rest.post(url, json={"prices": []}, headers=honest)
        assert (answer.status_code, answer.headers["x-request-id"]) == (200, "chosen")
