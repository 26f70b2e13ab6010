"""The tree of refusals, drawn once. A refusal crosses ports and the REST edge with its code intact.

On refusal nothing has changed: the edge rolls its transaction back. Rendered as RFC 9457 problem documents.
"""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """A business answer of "no". `code` is stable and documented; `detail` is for people."""

    status = 409
    code = "refused"

    def __init__(
        self, detail: str = "", /, *, code: str | None = None, status: int | None = None, **extra: Any
    ) -> None:
        super().__init__(detail or code or self.code)
        self.detail = detail
        self.code = code or self.code
        self.status = status or self.status
        self.extra = extra

    def problem(self) -> dict[str, Any]:
        title = self.code.replace("_", " ").capitalize()
        body: dict[str, Any] = {
            "type": f"urn:luxe:{self.code}",
            "title": title,
            "status": self.status,
            "code": self.code,
        }
        if self.detail:
            body["detail"] = self.detail
        return body | self.extra


class BadRequest(Refusal):
    status, code = 400, "bad_request"


class Unauthenticated(Refusal):
    status, code = 401, "unauthenticated"


class Forbidden(Refusal):
    status, code = 403, "forbidden"


class NotFound(Refusal):
    status, code = 404, "not_found"


class Conflict(Refusal):
    status, code = 409, "conflict"


class Gone(Refusal):
    status, code = 410, "gone"


class PreconditionFailed(Refusal):
    status, code = 412, "precondition_failed"


class PayloadInvalid(Refusal):
    """The payload's shape is wrong; `errors` lists `{field, message}`."""

    status, code = 422, "payload_invalid"


class TooManyRequests(Refusal):
    status, code = 429, "too_many_requests"


class Unavailable(Refusal):
    """An engine or another process does not answer; the caller may try again later."""

    status, code = 503, "unavailable"


class DeadlineExceeded(Refusal):
    """No answer in time: whether it happened is unknown."""

    status, code = 504, "deadline_exceeded"


def from_problem(body: dict[str, Any]) -> Refusal:
    """Rebuilds a refusal that crossed a port."""
    known = {"type", "title", "status", "code", "detail"}
    extra = {key: value for key, value in body.items() if key not in known}
    by_status = {kind.status: kind for kind in _tree() if kind is not Refusal}
    kind = by_status.get(body["status"], Refusal)
    return kind(body.get("detail", ""), code=body["code"], status=body["status"], **extra)


def _tree() -> list[type[Refusal]]:
    return [Refusal, *Refusal.__subclasses__()]
