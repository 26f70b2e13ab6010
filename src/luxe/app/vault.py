"""The generated passwords of one house, kept in its data folder and readable by its owner alone."""

import json
import os
import secrets
from pathlib import Path

from luxe.app.failure import Failure


class Vault:
    """Passwords by name: made at the first asking, the same ever after."""

    def __init__(self, data: Path) -> None:
        self.path = data / "secrets.json"

    def secret(self, name: str) -> str:
        """Returns 64 hexadecimal digits for `name`."""
        known = self._read()
        if name not in known:
            known[name] = secrets.token_hex(32)
            self._write(known)
        return known[name]

    def _read(self) -> dict[str, str]:
        try:
            return json.loads(self.path.read_text())
        except FileNotFoundError:
            return {}
        except ValueError as error:
            raise Failure(
                f"{self.path} is damaged and the house's passwords cannot be read.",
                "Restore the file from a backup: the database answers only to the password in it.",
            ) from error

    def _write(self, known: dict[str, str]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_suffix(".new")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(known, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)
