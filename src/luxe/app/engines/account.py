"""The account PostgreSQL runs under when LUXE is started by root, whom PostgreSQL refuses."""

import os
import pwd
import stat
import subprocess
from pathlib import Path

from luxe.app.failure import Failure

NAME = "luxe"


def account_for_postgres() -> int | None:
    """The number of LUXE's own account, made when it is missing; None where no change of user is needed."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(NAME).pw_uid
    except KeyError:
        pass
    command = [
        "useradd",
        "--system",
        "--no-create-home",
        "--shell",
        "/usr/sbin/nologin",
        "--user-group",
        NAME,
    ]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Failure(
            f"PostgreSQL does not run as root, and the account {NAME!r} for it could not be made.",
            f"Make it ({' '.join(command)}), or start LUXE as an ordinary user.",
        ) from error
    return pwd.getpwnam(NAME).pw_uid


def let_pass(path: Path) -> None:
    """Lets that account walk through the folders that lead to `path`, without letting it look into them."""
    for folder in [path, *path.parents]:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)
