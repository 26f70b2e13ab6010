"""The one error that the command line shows as a sentence instead of a traceback."""

from collections.abc import Sequence


class Failure(Exception):
    """Something the person at the terminal can act on: what went wrong, then what to do about it."""

    def __init__(self, problem: str, *remedies: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedies: Sequence[str] = remedies

    def __str__(self) -> str:
        return "\n".join([self.problem, *(f"  {remedy}" for remedy in self.remedies)])
