"""Each service has its schema to itself: by its tables, by its role in a real PostgreSQL, and by its migrations."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import Column, ForeignKey, MetaData, Table, Text, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from luxe.app.migrate import schemas
from luxe.kernel.db import make_engine, role_of, service_url
from luxe.kernel.migrations import Schema, difference
from tests.harness import drop_database, fresh_database, make_settings

SCHEMAS = {schema.name: schema for schema in schemas()}
FOREIGN_KEYS_ABROAD = """
    SELECT conrelid::regclass || ' -> ' || confrelid::regclass FROM pg_constraint
    JOIN pg_class here ON here.oid = conrelid JOIN pg_class there ON there.oid = confrelid
    WHERE contype = 'f' AND here.relnamespace <> there.relnamespace"""


@pytest.fixture(scope="module")
async def url() -> AsyncIterator[str]:
    """A database of its own, so that what a test plants is gone with it."""
    address = await fresh_database()
    yield address
    await drop_database(address)


@pytest.fixture
async def admin(url: str) -> AsyncIterator[AsyncConnection]:
    """The administrator's connection; whatever is planted through it is rolled back."""
    engine = make_engine(url)
    async with engine.connect() as connection:
        yield connection
        await connection.rollback()
    await engine.dispose()


def keys_abroad(metadata: MetaData) -> list[str]:
    """Foreign keys that leave the schema, as the tables declare them."""
    return [
        f"{table.fullname} -> {key.target_fullname}"
        for table in metadata.tables.values()
        for key in table.foreign_keys
        if not key.target_fullname.startswith(f"{metadata.schema}.")
    ]


async def is_allowed(engine: AsyncEngine, statement: str) -> bool:
    async with engine.connect() as connection:
        try:
            await connection.execute(text(statement))
        except DBAPIError as error:
            if "permission denied" not in str(error):
                raise
            return False
        return True


async def rights_abroad(url: str, schema: Schema) -> list[str]:
    """Tables of other schemas that the role of `schema` can read."""
    engine = make_engine(service_url(make_settings(url), schema.name), pool_size=1)
    others = [other for other in SCHEMAS.values() if other.name != schema.name]
    tables = [f'"{other.name}"."{table.name}"' for other in others for table in other.metadata.sorted_tables]
    try:
        return [table for table in tables if await is_allowed(engine, f"SELECT 1 FROM {table} LIMIT 1")]
    finally:
        await engine.dispose()


async def rights_at_home(url: str, schema: Schema) -> dict[str, set[str]]:
    """Table → what the role of `schema` may do to it."""
    engine = make_engine(service_url(make_settings(url), schema.name), pool_size=1)
    try:
        return {
            table.name: {
                verb
                for verb, statement in {
                    "read": f'SELECT 1 FROM "{schema.name}"."{table.name}" LIMIT 1',
                    "update": f'UPDATE "{schema.name}"."{table.name}" SET "{column}" = NULL WHERE false',
                    "delete": f'DELETE FROM "{schema.name}"."{table.name}" WHERE false',
                    "truncate": f'TRUNCATE "{schema.name}"."{table.name}"',
                }.items()
                if await is_allowed(engine, statement)
            }
            for table in schema.metadata.sorted_tables
            for column in [next(c.name for c in table.c if c.identity is None)]
        }
    finally:
        await engine.dispose()


def rights_due(schema: Schema) -> dict[str, set[str]]:
    return {
        table.name: {"read"} if table.info.get("append_only") else {"read", "update", "delete"}
        for table in schema.metadata.sorted_tables
    }


async def test_no_foreign_key_leaves_its_schema(admin: AsyncConnection) -> None:
    assert [key for schema in SCHEMAS.values() for key in keys_abroad(schema.metadata)] == []
    assert (await admin.execute(text(FOREIGN_KEYS_ABROAD))).all() == []


@pytest.mark.parametrize("name", SCHEMAS)
async def test_a_role_cannot_leave_its_schema(url: str, name: str) -> None:
    assert await rights_abroad(url, SCHEMAS[name]) == []


@pytest.mark.parametrize("name", SCHEMAS)
async def test_a_role_reads_and_writes_at_home_but_never_rewrites_what_is_append_only(
    url: str, name: str
) -> None:
    assert await rights_at_home(url, SCHEMAS[name]) == rights_due(SCHEMAS[name])


@pytest.mark.parametrize("name", SCHEMAS)
async def test_a_role_cannot_make_tables(admin: AsyncConnection, name: str) -> None:
    may = await admin.execute(text(f"SELECT has_schema_privilege('{role_of(name)}', '{name}', 'CREATE')"))
    assert may.scalar() is False


@pytest.mark.parametrize("name", SCHEMAS)
async def test_migrations_lead_to_the_tables(admin: AsyncConnection, name: str) -> None:
    assert await admin.run_sync(difference, SCHEMAS[name]) == ""


async def test_a_foreign_key_abroad_is_seen(admin: AsyncConnection) -> None:
    planted = MetaData(schema="bag")
    Table("orders", planted, Column("order_id", Text, ForeignKey("orders.orders.id")))
    assert keys_abroad(planted) == ["bag.orders -> orders.orders.id"]
    await admin.execute(text("ALTER TABLE bag.bags ADD COLUMN planted text REFERENCES orders.orders (id)"))
    assert (await admin.execute(text(FOREIGN_KEYS_ABROAD))).scalars().all() == ["bag.bags -> orders.orders"]


async def test_a_right_too_many_is_seen() -> None:
    url = await fresh_database()
    engine = make_engine(url)
    async with engine.begin() as connection:
        await connection.execute(text("GRANT USAGE ON SCHEMA orders TO luxe_bag"))
        await connection.execute(text("GRANT SELECT ON orders.orders TO luxe_bag"))
        await connection.execute(text("GRANT UPDATE, DELETE ON loyalty.entries TO luxe_loyalty"))
    await engine.dispose()
    assert await rights_abroad(url, SCHEMAS["bag"]) == ['"orders"."orders"']
    assert (await rights_at_home(url, SCHEMAS["loyalty"]))["entries"] == {"read", "update", "delete"}
    await drop_database(url)


async def test_a_table_without_its_migration_is_seen(admin: AsyncConnection) -> None:
    await admin.execute(text("ALTER TABLE bag.bags ADD COLUMN planted text"))
    assert "planted" in await admin.run_sync(difference, SCHEMAS["bag"])
