"""Read by every Python process on its way up: where the environment names a planted fault, that one file is loaded with it.

Nothing is written: the source is changed on its way into the compiler, in this process and those that it starts.
"""

import importlib.machinery
import json
import os
from pathlib import Path


def plant(path: str, old: str, new: str) -> None:
    loader = importlib.machinery.SourceFileLoader
    compiled = loader.get_code

    def get_code(self, fullname):
        file = Path(self.get_filename(fullname))
        if not file.as_posix().endswith(path):
            return compiled(self, fullname)
        source = file.read_text()
        if source.count(old) != 1:
            raise SystemExit(f"planted: {path} has {source.count(old)} times: {old}")
        return compile(source.replace(old, new), str(file), "exec", dont_inherit=True)

    loader.get_code = get_code


if planted := os.environ.get("PLANTED_FAULT"):
    plant(**json.loads(planted))
