"""What a house says when it cannot open, and that it has then changed nothing."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from luxe.app.engines.engine import free_port
from luxe.app.engines.postgres import Postgres
from tests.app.stub_control import launch, opened


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte, where this machine lets us mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("only root may mount a small file system")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_said_before_anything_is_started(small_disk: Path) -> None:
    code, output = launch(small_disk / "data", free_port()).end()

    assert code == 1
    assert f"The disk that holds {small_disk}/data is full: 1 MB are free, 256 are needed." in " ".join(
        output.split("\n")
    )
    assert sorted(path.name for path in (small_disk / "data").iterdir()) == ["logs"]


def test_a_folder_that_cannot_be_written_is_named(small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)

    code, output = launch(small_disk / "data", free_port()).end()

    assert code == 1
    assert f"The data folder {small_disk}/data cannot be written to (Read-only file system)." in output


def test_a_file_in_the_folders_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder")

    code, output = launch(tmp_path / "data", free_port()).end()

    assert code == 1
    assert f"The data folder {tmp_path}/data cannot be written to (File exists)." in output


def test_an_engine_that_dies_at_the_start_shows_its_own_words_and_loses_nothing(tmp_path: Path) -> None:
    port = free_port()
    with opened(tmp_path, port):
        pass
    conf = tmp_path / "postgres" / "postgresql.conf"
    good = conf.read_text()
    conf.write_text(good + "\nno_such_setting = on\n")

    code, output = launch(tmp_path, port).end()

    assert code == 1
    assert "postgres ended while it was starting (code 1)." in output
    assert 'unrecognized configuration parameter "no_such_setting"' in output
    conf.write_text(good)
    with opened(tmp_path, port) as house:
        assert house.run.state == "ready"


def test_a_serving_process_that_cannot_start_ends_the_house_with_its_words(tmp_path: Path) -> None:
    code, output = launch(tmp_path, free_port(), "--broken").end()

    assert code == 1
    assert "house ended while it was starting (code 1)." in output
    assert "no such table: everything" in output
    assert not (tmp_path / "run.json").exists()
    assert not (tmp_path / "postgres" / "postmaster.pid").exists()


def test_damaged_passwords_are_said_and_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text('{"postgres_password": "cut o')

    code, output = launch(tmp_path, free_port()).end()

    assert code == 1
    assert f"{tmp_path}/secrets.json is damaged" in output
    assert (tmp_path / "secrets.json").read_text() == '{"postgres_password": "cut o'


def test_a_cluster_that_was_being_made_at_the_kill_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "postgres.new").mkdir()
    (tmp_path / "postgres.new" / "PG_VERSION").write_text("18\n")
    postgres = Postgres(tmp_path)

    postgres.start()
    postgres.stop()

    assert (tmp_path / "postgres" / "PG_VERSION").read_text() == "18\n"
    assert not (tmp_path / "postgres.new").exists()


def test_a_folder_with_a_long_name_has_its_socket_elsewhere(tmp_path: Path) -> None:
    postgres = Postgres(tmp_path / ("long" * 30))

    postgres.start()

    settings = dict(part.split("=", 1) for part in postgres.spec().argv if "=" in part)
    assert len(settings["unix_socket_directories"]) < 60
    assert postgres.is_ready()
    postgres.stop()
