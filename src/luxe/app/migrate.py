"""Brings every schema to its newest revision; on a house that is up to date this is one look."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from luxe.app.registry import manifests
from luxe.kernel.db import make_engine
from luxe.kernel.migrations import Schema, migrate, pending
from luxe.kernel.settings import Settings


def schemas() -> list[Schema]:
    return [Schema(each.metadata, Path(each.migrations)) for each in manifests() if each.metadata is not None]


async def migrate_all(
    database_url: str, secret: str, tell: Callable[[str], None] = lambda name: None, only: Sequence[str] = ()
) -> list[str]:
    """Migrates what is behind and returns the names of those schemas. `tell` hears each name before it is migrated."""
    engine = make_engine(database_url, application="luxe_migrate")
    try:
        wanted = [schema for schema in schemas() if not only or schema.name in only]
        behind = await pending(engine, wanted)
        for schema in behind:
            tell(schema.name)
            await migrate(engine, schema, secret)
        return [schema.name for schema in behind]
    finally:
        await engine.dispose()


def run(settings: Settings) -> None:
    done = asyncio.run(
        migrate_all(settings.database_url, settings.secret, tell=lambda name: print(f"migrating {name}"))
    )
    print(f"{len(done)} schemas migrated" if done else "every schema is at its newest revision")
