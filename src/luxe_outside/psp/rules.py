"""The life of an intent: a value and the moves that are allowed on it. No I/O and no clock."""

from msgspec import Struct
from msgspec.structs import replace

from .cards import Verdict
from .wire import Method, PaidWith, Refusal, Status

CHALLENGE_TRIES = 3

ALLOWED: dict[str, frozenset[Status]] = {
    "authorise": frozenset({"requires_method"}),
    "challenge": frozenset({"requires_action"}),
    "settle": frozenset({"requires_action"}),
    "cancel": frozenset({"requires_method", "requires_action"}),
    "capture": frozenset({"authorised"}),
    "void": frozenset({"requires_method", "requires_action", "authorised"}),
    "refund": frozenset({"authorised", "captured"}),
    "dispute": frozenset({"captured"}),
    "close": frozenset({"disputed"}),
    "expire": frozenset({"requires_method", "requires_action", "authorised"}),
}


class Intent(Struct, kw_only=True, frozen=True):
    """`action` says what a `requires_action` intent waits for and `pending_failure` how it will end."""

    id: str
    status: Status
    amount: int
    amount_captured: int = 0
    amount_refunded: int = 0
    currency: str
    reference: str
    return_url: str
    webhook_url: str | None
    description: str
    locale: str
    capture: str
    methods: tuple[Method, ...]
    method: PaidWith | None = None
    failure_code: str | None = None
    created: int
    expires_at: int
    action: str | None = None
    action_due: float | None = None
    tries_left: int = CHALLENGE_TRIES
    pending_failure: str | None = None


class Effect(Struct, frozen=True):
    """One thing that happened: its journal name, its money, the intent after it, the event it causes."""

    name: str
    amount: int
    after: Intent
    event: str | None = None


class Move(Struct, frozen=True):
    intent: Intent
    effects: tuple[Effect, ...]


def single(intent: Intent, name: str, amount: int, event: str | None = None) -> Move:
    return Move(intent, (Effect(name, amount, intent, event),))


def demand(intent: Intent, verb: str) -> None:
    """Raises Refusal 409 unless `verb` is allowed in the intent's status."""
    if intent.status not in ALLOWED[verb]:
        raise Refusal(409, "wrong_state", f"cannot {verb} an intent that is {intent.status}")


def authorise(intent: Intent, method: PaidWith, verdict: Verdict, processed_at: float) -> Move:
    """The payer presents `method`; a challenge, processing or a slip postpones the verdict."""
    demand(intent, "authorise")
    if method.type not in intent.methods:
        raise Refusal(409, "method_not_offered", f"{method.type} is not offered for this intent")
    intent = replace(intent, method=method, pending_failure=verdict.failure)
    if verdict.challenge:
        waiting = replace(intent, status="requires_action", action="challenge")
        return single(waiting, "challenge", intent.amount)
    if verdict.slip:
        waiting = replace(intent, status="requires_action", action="slip")
        return single(waiting, "slip", intent.amount)
    if verdict.processing:
        waiting = replace(intent, status="requires_action", action="processing", action_due=processed_at)
        return single(waiting, "processing", intent.amount)
    return conclude(intent)


def answer_challenge(intent: Intent, *, right: bool) -> Move:
    """A right code concludes, a wrong one costs a try; the last wrong one fails the intent."""
    demand(intent, "challenge")
    if intent.action != "challenge":
        raise Refusal(409, "wrong_state", "no challenge is open")
    if right:
        return conclude(intent)
    left = replace(intent, tries_left=intent.tries_left - 1)
    return fail(left, "authentication_failed") if left.tries_left == 0 else Move(left, ())


def pay_slip(intent: Intent) -> Move:
    """Somebody pays with the code of the slip."""
    demand(intent, "settle")
    if intent.action != "slip":
        raise Refusal(409, "wrong_state", "no slip is waiting to be paid")
    return conclude(intent)


def conclude(intent: Intent) -> Move:
    """The verdict that was pending: authorised (and captured, where that is automatic) or failed."""
    if intent.pending_failure is not None:
        return fail(intent, intent.pending_failure)
    done = replace(intent, status="authorised", action=None, action_due=None)
    authorised = single(done, "authorise", intent.amount, "intent.authorised")
    if intent.capture == "manual":
        return authorised
    taken = capture(done, None)
    return Move(taken.intent, authorised.effects + taken.effects)


def fail(intent: Intent, code: str) -> Move:
    failed = replace(intent, status="failed", failure_code=code, action=None, action_due=None)
    return single(failed, "decline", intent.amount, "intent.failed")


def capture(intent: Intent, amount: int | None, *, final: bool = True) -> Move:
    """Takes `amount`, all that is left by default; after the `final` capture the rest of the authorisation lapses."""
    demand(intent, "capture")
    left = intent.amount - intent.amount_captured
    taken = left if amount is None else amount
    if taken > left:
        raise Refusal(409, "capture_exceeds_authorised", f"only {left} is authorised")
    done = final or taken == left
    captured = replace(
        intent,
        status="captured" if done else "authorised",
        amount_captured=intent.amount_captured + taken,
    )
    return single(captured, "capture", taken, "intent.captured" if done else "intent.captured_in_part")


def void(intent: Intent) -> Move:
    demand(intent, "void")
    return _end(intent, "voided", "void", None)


def dispute(intent: Intent, amount: int) -> Move:
    """The payer's bank takes `amount` back until it is settled who is right."""
    demand(intent, "dispute")
    left = intent.amount_captured - intent.amount_refunded
    if not 0 < amount <= left:
        raise Refusal(409, "dispute_exceeds_captured", f"only {left} can be disputed")
    return single(replace(intent, status="disputed"), "dispute", amount, "dispute.opened")


def close_dispute(intent: Intent, amount: int, *, won: bool) -> Move:
    """Won, the money comes back; lost, it is gone and the intent stays disputed."""
    demand(intent, "close")
    if won:
        return single(replace(intent, status="captured"), "dispute_won", amount, "dispute.won")
    return single(intent, "dispute_lost", amount, "dispute.lost")


def cancel(intent: Intent) -> Move:
    """The payer turns back on the hosted page before anything is authorised."""
    demand(intent, "cancel")
    return _end(intent, "voided", "cancel", "cancelled_by_payer")


def expire(intent: Intent) -> Move:
    """An unpaid intent runs out, or an authorisation lapses before its capture."""
    demand(intent, "expire")
    return _end(intent, "expired", "expire", None)


def refund(intent: Intent, amount: int) -> Move:
    """Gives back `amount`; all refunds together never exceed what was captured."""
    demand(intent, "refund")
    if not intent.amount_captured:
        raise Refusal(409, "wrong_state", "nothing has been captured")
    left = intent.amount_captured - intent.amount_refunded
    if amount > left:
        raise Refusal(409, "refund_exceeds_captured", f"only {left} is left to refund")
    refunded = replace(intent, amount_refunded=intent.amount_refunded + amount)
    return single(refunded, "refund", amount, "refund.succeeded")


def _end(intent: Intent, status: Status, name: str, failure: str | None) -> Move:
    """Of an authorisation that was captured in part only the rest ends; what was taken stays taken."""
    if intent.amount_captured:
        rest = intent.amount - intent.amount_captured
        return single(replace(intent, status="captured"), name, rest, "intent.captured")
    ended = replace(intent, status=status, failure_code=failure, action=None, action_due=None)
    return single(ended, name, intent.amount, f"intent.{status}")
