"""REST of compliance."""

from __future__ import annotations

from luxe.services.compliance.contract import Port
from tests.harness import running


async def test_consents_of_ones_own() -> None:
    async with running("compliance") as house:
        mei = house.sign_in_as(subject="acc_1")
        body = {"purpose": "newsletter", "version": "1", "given": True}
        given = await house.rest.post("/v1/me/consents", json=body, headers=mei | {"idempotency-key": "a"})
        again = await house.rest.post("/v1/me/consents", json=body, headers=mei | {"idempotency-key": "a"})
        assert (given.status_code, again.json()) == (201, given.json())
        assert (await house.rest.get("/v1/me/consents", headers=mei)).json() == [given.json()]
        assert len(await house.rows("compliance", "SELECT 1 FROM compliance.consents")) == 1
        unknown = await house.rest.post(
            "/v1/me/consents", json=body | {"purpose": "spying"}, headers=mei | {"idempotency-key": "b"}
        )
        assert (unknown.status_code, unknown.json()["code"]) == (400, "purpose_unknown")
        for headers, status in (({}, 401), (house.sign_in_as("member", scopes=["members:read"]), 403)):
            assert (await house.rest.get("/v1/me/consents", headers=headers)).status_code == status


async def test_the_audit_log_is_for_auditors() -> None:
    async with running("compliance") as house:
        for number in range(3):
            await house.port(Port).record_consent(
                account_id=f"acc_{number}", purpose="terms", version="1", given=True
            )
        assert await house.settle() == 3
        auditor = house.sign_in_as("auditor")
        first = (await house.rest.get("/v1/audit?limit=2", headers=auditor)).json()
        assert [entry["target"] for entry in first["items"]] == ["acc_2", "acc_1"]
        rest = (await house.rest.get("/v1/audit", params={"cursor": first["next"]}, headers=auditor)).json()
        assert ([entry["target"] for entry in rest["items"]], rest["next"]) == (["acc_0"], None)
        only = (await house.rest.get("/v1/audit?target=acc_1", headers=auditor)).json()
        assert [entry["action"] for entry in only["items"]] == ["compliance.consent_recorded"]
        for headers, status in (
            ({}, 401),
            (house.sign_in_as("operator"), 403),
            (house.sign_in_as("auditor", scopes=["orders:read"]), 403),
            (house.sign_in_as("auditor", scopes=["members:read"]), 200),
        ):
            assert (await house.rest.get("/v1/audit", headers=headers)).status_code == status
        for query in ("limit=0", "limit=201", "limit=x", "cursor=x"):
            assert (await house.rest.get(f"/v1/audit?{query}", headers=auditor)).status_code == 400
