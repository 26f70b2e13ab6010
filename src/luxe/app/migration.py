"""`python -m luxe.app.migration UNIT "message"` writes the next revision file of a unit's schema from its tables."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from luxe.app.engines.postgres import Postgres
from luxe.app.registry import manifest
from luxe.kernel.db import make_engine
from luxe.kernel.migrations import Schema, difference, upgrade

_TEMPLATE = '''"""{message}"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "{revision}"
down_revision = {down}
branch_labels = None
depends_on = None


def upgrade() -> None:
    {body}
'''


async def _compare(url: str, schema: Schema) -> str:
    engine = make_engine(url)
    try:
        if schema.head():
            async with engine.begin() as connection:
                await upgrade(connection, schema)
        async with engine.connect() as connection:
            return await connection.run_sync(difference, schema)
    finally:
        await engine.dispose()


def write(unit: str, message: str) -> Path | None:
    """Returns the file written, or None if the tables are what the history makes."""
    found = manifest(unit)
    assert found.metadata is not None
    schema = Schema(found.metadata, Path(found.migrations))
    with tempfile.TemporaryDirectory(prefix="luxe-migration-") as folder:
        postgres = Postgres(Path(folder))
        url = postgres.start()
        try:
            body = asyncio.run(_compare(url, schema))
        finally:
            postgres.stop()
    if not body:
        return None
    head = schema.head()
    number = int(head[:4]) + 1 if head else 1
    words = re.sub(r"[^a-z0-9]+", "_", message.lower()).strip("_")
    revision = f"{number:04d}_{words}"[:32]
    path = schema.folder / f"{revision}.py"
    body = "\n".join(line for line in body.splitlines() if not line.strip().startswith("# ###")).lstrip()
    path.write_text(_TEMPLATE.format(message=message, revision=revision, down=repr(head), body=body))
    subprocess.run(
        [str(Path(sysconfig.get_path("scripts")) / "ruff"), "format", "--quiet", str(path)], check=True
    )
    return path


if __name__ == "__main__":
    print(write(sys.argv[1], sys.argv[2]) or "nothing to migrate")
