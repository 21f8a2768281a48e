"""Every error the service raises on purpose, beside the problems that it answers with (problems.py).

ServiceError
 +-- QueueFull                more would wait than may, or for longer; carries the seconds after which to try again
 +-- Stopping                 the service takes no more work
 +-- UnsafeBinding            it would listen beyond this machine, and anyone could use it
 +-- StoreUnavailable         the database does not answer
 +-- AlreadyRecorded          a request with this idempotency key was answered already
 +-- BanksChanged             somebody else has changed the tenant's banks in the meantime
 +-- WebhookRefused           a webhook that cannot be sent so, or whose receiver does not want it
 +-- WebhookUndelivered       a webhook that nobody took in all attempts
 +-- QuestionTaken            a bank brings a question whose id another bank has
 +-- CallError                a client's call did not bring what it asked for
      +-- Unreachable         no service answered
      +-- NotUnderstood       what answered is not such a service, or too new a one
      +-- Refused             the service answered with a problem; carries what the problem says
           +-- NotAllowed     the key is missing, not valid, or lacks a scope
           +-- NotThere       there is nothing of this id; carries the nearest ids
           +-- Conflicting    it does not go with what the service has
           +-- Invalid        the request has faults, each with its path
           +-- Busy           the service asks to come back later
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.errors import Fault, GraderError


class ServiceError(GraderError):
    """The root of the service's errors; itself a GraderError."""


class QueueFull(ServiceError):
    """More would wait than may, or for longer; `retry_after` is in how many seconds it is expected to be open."""

    def __init__(self, retry_after: float) -> None:
        super().__init__("the queue is full")
        self.retry_after = retry_after


class Stopping(ServiceError):
    """The service takes no more work."""


class UnsafeBinding(ServiceError):
    """It would listen beyond this machine, and anyone could use it."""


class StoreUnavailable(ServiceError):
    """The database does not answer."""


class AlreadyRecorded(ServiceError):
    """A request with this idempotency key was answered already."""


class BanksChanged(ServiceError):
    """Somebody else has changed the tenant's banks since they were looked at."""


class WebhookRefused(ServiceError):
    """A webhook that cannot be sent so, or whose receiver does not want it: trying again would not help."""


class WebhookUndelivered(ServiceError):
    """A webhook that nobody took in all attempts."""


class QuestionTaken(ServiceError):
    """A bank brings a question whose id another bank has."""

    def __init__(self, place: int, question_id: str, bank: str) -> None:
        super().__init__(f"question {question_id!r} stands in bank {bank!r} too")
        self.place, self.question_id, self.bank = place, question_id, bank


class CallError(ServiceError):
    """A client's call did not bring what it asked for."""


class Unreachable(CallError):
    """No service answered: the address is wrong, or nothing listens, or the connection was lost."""


class NotUnderstood(CallError):
    """What answered is not such a service, or one whose replies this client does not know."""


class Refused(CallError):
    """The service answered with a problem.

    Attributes:
        status: the HTTP status.
        kind: the problem's type, as `urn:answer-grader:problem:unknown-question`.
        faults: each fault with its path.
        nearest: known ids that are like the one asked for.
        request_id: what to look for in the service's log.
        retry_after: seconds after which to try again, if it said so.
    """

    def __init__(  # noqa: PLR0913 (what a problem says, each by its name)
        self,
        detail: str,
        *,
        status: int = 0,
        kind: str = "about:blank",
        faults: Sequence[Fault] = (),
        nearest: Sequence[str] = (),
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.kind = status, kind
        self.faults, self.nearest = tuple(faults), tuple(nearest)
        self.request_id, self.retry_after = request_id, retry_after


class NotAllowed(Refused):
    """The key is missing, not valid, or lacks a scope."""


class NotThere(Refused):
    """There is nothing of this id."""


class Conflicting(Refused):
    """It does not go with what the service has, or has changed meanwhile."""


class Invalid(Refused):
    """The request has faults."""


class Busy(Refused):
    """The service asks to come back later."""
