"""Starting a process that cannot outlive the one that started it.

Linux can send a process a signal at the death of the thread that forked it (PR_SET_PDEATHSIG), so a killed
supervisor leaves no orphan. Start children from the main thread: the signal follows that thread's end.
"""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def tie_to_parent(parent: int, death_signal: signal.Signals = signal.SIGKILL) -> None:
    """Has the kernel send `death_signal` to this process when `parent`, which must have forked it, dies."""
    if libc is None:
        return
    libc.prctl(PR_SET_PDEATHSIG, int(death_signal))
    if os.getppid() != parent:
        os._exit(1)


def leashed(death_signal: signal.Signals = signal.SIGKILL) -> Callable[[], None]:
    """A `preexec_fn` that ties the child to the calling process; it runs after the change of user, which
    would clear the setting."""
    parent = os.getpid()

    def tie() -> None:
        tie_to_parent(parent, death_signal)

    return tie


def launch(
    argv: Sequence[str],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    user: int | None = None,
    death_signal: signal.Signals = signal.SIGKILL,
) -> subprocess.Popen[bytes]:
    """Starts `argv` in a session of its own, so that Ctrl-C reaches only the supervisor, writing to `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as sink:
        return subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            env=None if env is None else {**os.environ, **env},
            start_new_session=True,
            preexec_fn=leashed(death_signal),
            user=user,
            group=None if user is None else pwd.getpwuid(user).pw_gid,
            extra_groups=None if user is None else [],
        )
