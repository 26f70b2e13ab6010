"""What tells who somebody is is declared personal in the tables, so that export and erasure can be derived from them."""

from __future__ import annotations

import re

from sqlalchemy import Column, MetaData, Table, Text

from luxe.app.registry import manifests
from luxe.kernel.personal import Personal, personal

_TELLS_WHO = re.compile(
    r"(?:^|_)(?:e?mail|phone|name|address|birthday|city|postcode|ip|device|passport)(?:_key)?$"
)
_OF_A_PERSON = re.compile(r"^(?:account(?:_id)?|owner|inviter_id|member_id)$")

KERNEL_TABLES = frozenset({"outbox", "inbox", "audit", "idempotency"})
"""The kernel's own: facts on their way out, and rows that name an actor by id alone."""

NAMES_OF_THINGS = {
    "brands.brands.name": "a house's name",
    "brands.brands.name_key": "the same, for comparing",
    "catalog.categories.name": "a category's name",
    "fulfilment.closed_days.name": "a holiday's name",
    "fulfilment.tax_rules.name": "a tax's name",
    "fulfilment.tax_rules.postcode": "where postcodes that a tax is for begin",
    "inventory.locations.name": "a warehouse's or a boutique's name",
    "media.assets.name": "a file's name",
    "payments.bank_statements.name": "a file's name",
    "promotions.tier_gifts.name": "a gift's name",
    "promotions.vouchers.name": "a voucher's name",
}


def undeclared(metadata: MetaData) -> list[str]:
    """Columns that tell who somebody is, and tables about a person, without a declaration."""
    found = []
    for table in metadata.sorted_tables:
        if table.name in KERNEL_TABLES:
            continue
        declared = [column for column in table.c if "personal" in column.info]
        found += [
            f"{table.fullname}.{column.name}"
            for column in table.c
            if _TELLS_WHO.search(column.name)
            and column not in declared
            and f"{table.fullname}.{column.name}" not in NAMES_OF_THINGS
        ]
        if not declared and any(_OF_A_PERSON.match(column.name) for column in table.c):
            found.append(table.fullname)
    return found


def orphans(metadata: MetaData) -> list[str]:
    """Declarations whose owner is no column of the same table."""
    return [
        f"{table.fullname}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.c
        if isinstance(declared := column.info.get("personal"), Personal) and declared.owner not in table.c
    ]


def all_metadata() -> list[MetaData]:
    return [each.metadata for each in manifests() if each.metadata is not None]


def test_personal_data_is_declared() -> None:
    assert [name for metadata in all_metadata() for name in undeclared(metadata)] == []


def test_every_declaration_names_a_column_as_its_owner() -> None:
    assert [name for metadata in all_metadata() for name in orphans(metadata)] == []


def test_every_exception_still_exists() -> None:
    columns = {
        f"{table}.{c.name}"
        for metadata in all_metadata()
        for table, t in metadata.tables.items()
        for c in t.c
    }
    assert set(NAMES_OF_THINGS) <= columns


def test_an_undeclared_column_is_seen() -> None:
    metadata = MetaData(schema="planted")
    Table("people", metadata, Column("id", Text), Column("work_email", Text))
    Table("visits", metadata, Column("account_id", Text), Column("place", Text))
    assert undeclared(metadata) == ["planted.people.work_email", "planted.visits"]


def test_a_declaration_without_owner_is_seen() -> None:
    metadata = MetaData(schema="planted")
    Table(
        "people",
        metadata,
        Column("id", Text),
        Column("email", Text, info=personal("account_id", "to write", "blank")),
    )
    assert undeclared(metadata) == []
    assert orphans(metadata) == ["planted.people.email"]
