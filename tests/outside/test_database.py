"""The shared writer: works that wait together stand or fall alone."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from luxe_outside.database import Database

SCHEMA = "CREATE TABLE IF NOT EXISTS numbers (number INTEGER PRIMARY KEY) STRICT"


def insert(number: int, *, then_fail: bool = False):
    def work(tx: sqlite3.Connection) -> int:
        tx.execute("INSERT INTO numbers VALUES (?)", (number,))
        if then_fail:
            raise ValueError(number)
        return number

    return work


def numbers(tx: sqlite3.Connection) -> list[int]:
    return [row[0] for row in tx.execute("SELECT number FROM numbers ORDER BY number")]


async def test_a_failing_work_takes_back_only_itself(tmp_path: Path):
    db = Database(tmp_path / "numbers", SCHEMA)
    writes = [db.write(insert(number, then_fail=number % 3 == 0)) for number in range(30)]
    outcomes = await asyncio.gather(*writes, return_exceptions=True)
    kept = [number for number in range(30) if number % 3]
    assert [outcome for outcome in outcomes if isinstance(outcome, int)] == kept
    assert db.read(numbers) == kept
    db.close()


async def test_a_refused_row_is_reported_and_the_writer_goes_on(tmp_path: Path):
    db = Database(tmp_path / "numbers", SCHEMA)
    await db.write(insert(1))
    with pytest.raises(sqlite3.IntegrityError):
        await db.write(insert(1))
    assert await db.write(insert(2)) == 2
    db.close()
    reopened = Database(tmp_path / "numbers", SCHEMA)
    assert reopened.read(numbers) == [1, 2]
    reopened.close()
