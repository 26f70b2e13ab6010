"""Each schema's own history, run by Alembic as the house's administrator, then the grants of its role."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from luxe.kernel.db import role_of, role_password

_NAME = re.compile(r"^[a-z][a-z_]{1,40}$")


class Schema:
    """What must be migrated: `folder` holds the revision files of `metadata`'s schema."""

    def __init__(self, metadata: MetaData, folder: Path) -> None:
        assert metadata.schema is not None
        assert _NAME.match(metadata.schema)
        self.name: str = metadata.schema
        self.metadata = metadata
        self.folder = folder

    def scripts(self) -> ScriptDirectory:
        return ScriptDirectory(str(self.folder), version_locations=[str(self.folder)])

    def head(self) -> str | None:
        return self.scripts().get_current_head()


async def pending(engine: AsyncEngine, schemas: Sequence[Schema]) -> list[Schema]:
    """The schemas that are not at their newest revision."""
    async with engine.connect() as connection:
        found = await connection.execute(
            text("SELECT table_schema FROM information_schema.tables WHERE table_name = 'alembic_version'")
        )
        present = {row[0] for row in found}
        behind = []
        for schema in schemas:
            at = None
            if schema.name in present:
                version = text(f'SELECT version_num FROM "{schema.name}".alembic_version')  # noqa: S608 - checked name
                at = (await connection.execute(version)).scalar()
            if at != schema.head():
                behind.append(schema)
        return behind


async def migrate(engine: AsyncEngine, schema: Schema, secret: str) -> None:
    """Makes schema and role if they are missing, runs what is pending, and grants. Fails fast if a lock is held."""
    async with engine.begin() as connection:
        await connection.execute(text("SET LOCAL lock_timeout = '3s'"))
        await upgrade(connection, schema)
        role = role_of(schema.name)
        known = await connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role})
        verb = "ALTER" if known.first() else "CREATE"
        password = role_password(secret, schema.name)
        await connection.execute(text(f"{verb} ROLE {role} LOGIN PASSWORD '{password}'"))
        await _grant(connection, schema)


async def upgrade(connection: AsyncConnection, schema: Schema) -> None:
    """Makes the schema if it is missing and runs what is pending; whoever runs it owns the tables."""
    await connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{schema.name}"'))
    await connection.run_sync(_upgrade, schema)


def _upgrade(connection: Connection, schema: Schema) -> None:
    scripts = schema.scripts()

    def steps(revision: Any, _: Any) -> Any:
        return scripts._upgrade_revs("head", revision)

    config = Config()
    config.set_main_option("script_location", str(schema.folder))
    with EnvironmentContext(config, scripts, fn=steps) as environment:
        environment.configure(
            connection=connection,
            target_metadata=schema.metadata,
            version_table_schema=schema.name,
            include_schemas=True,
        )
        environment.run_migrations()


async def _grant(connection: Any, schema: Schema) -> None:
    role = role_of(schema.name)
    await connection.execute(text(f'GRANT USAGE ON SCHEMA "{schema.name}" TO {role}'))
    for table in schema.metadata.sorted_tables:
        full = f'"{schema.name}"."{table.name}"'
        rights = "SELECT, INSERT" if table.info.get("append_only") else "SELECT, INSERT, UPDATE, DELETE"
        await connection.execute(text(f"REVOKE ALL ON {full} FROM {role}"))
        await connection.execute(text(f"GRANT {rights} ON {full} TO {role}"))
    await connection.execute(text(f'GRANT USAGE ON ALL SEQUENCES IN SCHEMA "{schema.name}" TO {role}'))


def difference(connection: Connection, schema: Schema) -> str:
    """Python code that would bring the database to the tables as declared; what `luxe migration` writes."""
    migration_context = MigrationContext.configure(
        connection,
        opts={
            "include_schemas": True,
            "version_table_schema": schema.name,
            "include_name": lambda name, kind, _: kind != "schema" or name == schema.name,
            "compare_type": True,
        },
    )
    script = produce_migrations(migration_context, schema.metadata)
    assert script.upgrade_ops is not None
    if script.upgrade_ops.is_empty():
        return ""
    return render_python_code(script.upgrade_ops, migration_context=migration_context)
