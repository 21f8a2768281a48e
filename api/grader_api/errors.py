"""Every error the service raises on purpose, beside the problems that it answers with (problems.py).

ServiceError
 +-- QueueFull                more would wait than may; carries the seconds after which to try again
 +-- Stopping                 the service takes no more work
 +-- UnsafeBinding            it would listen beyond this machine, and anyone could use it
 +-- StoreUnavailable         the database does not answer
 +-- AlreadyRecorded          a request with this idempotency key was answered already
 +-- BanksChanged             somebody else has changed the tenant's banks in the meantime
 +-- WebhookRefused           a webhook that cannot be sent so, or whose receiver does not want it
 +-- WebhookUndelivered       a webhook that nobody took in all attempts
 +-- QuestionTaken            a bank brings a question whose id another bank has
"""

from __future__ import annotations

from grader.errors import GraderError


class ServiceError(GraderError):
    """The root of the service's errors; itself a GraderError."""


class QueueFull(ServiceError):
    """More would wait than may; `retry_after` is how many seconds the queue needs for what waits now."""

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
