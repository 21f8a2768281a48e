"""A client of the service: its calls as methods, its documents as values, its problems as errors."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self, TypeVar
from urllib.parse import quote

import httpx2
from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticSerializationError

from grader.bank.question import Bank
from grader.errors import NotText
from grader.request import GradeRequest
from grader_api.awaiting import await_revision
from grader_api.calls import ATTEMPTS, TIMEOUT_S, Caller
from grader_api.errors import NotUnderstood
from grader_api.pages import follow
from grader_api.schemas import (
    BankList,
    BankOut,
    BankSummary,
    BatchFigures,
    BatchFilters,
    BatchOut,
    BatchPage,
    BatchUpload,
    Erased,
    GradeFilters,
    GradeOut,
    GradePage,
    GradeResult,
    GradeResults,
    KeyCreate,
    KeyList,
    KeyMade,
    KeyOut,
    OverrideCreate,
    OverrideOut,
    QuestionFilters,
    QuestionOut,
    QuestionPage,
    Readiness,
    RegradeCreate,
    RegradeOut,
    SearchCreate,
    SearchOut,
)

ModelT = TypeVar("ModelT", bound=BaseModel)

_TOGETHER = 32  # answers a call: what a service takes unless it is set otherwise


class Client:
    """Calls a service. Safe for several threads; close it, or use it as a context manager.

    A call is repeated while the service cannot be reached or asks to come back later. That makes nothing twice: what is
    made carries an idempotency key, the same at every attempt. Give a key of your own to repeat a call of a process
    that died.

    Args:
        server: the service's address, as `http://127.0.0.1:8000`; a path before `/v1` may follow.
        key: an API key; None where the service has none.
        timeout_s: the longest time that an attempt may wait for the service, in seconds.
        attempts: how often a call is tried, at least 1; after twice `timeout_s` it is not tried again.
        transport: how requests travel; by default over the network.

    Every call raises:
        Unreachable: no service answered.
        NotUnderstood: what answered is not such a service.
        Refused: the service answered with a problem; its subclasses tell of what kind.
    """

    def __init__(
        self,
        server: str,
        key: str | None = None,
        *,
        timeout_s: float = TIMEOUT_S,
        attempts: int = ATTEMPTS,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self._caller = Caller(server, key, timeout_s=timeout_s, attempts=attempts, transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._caller.close()

    def ready(self) -> Readiness:
        """That the service grades, and with which model."""
        return _read(Readiness, self._caller.call("GET", "/ready"))

    def grade(self, request: GradeRequest, *, idempotency_key: str | None = None) -> GradeOut:
        """Grade one answer.

        Raises:
            NotText: the request holds what is not Unicode text.
        """
        return _read(GradeOut, self._post("/v1/grades", _json(request), idempotency_key))

    def grade_many(
        self, requests: Sequence[GradeRequest], *, together: int = _TOGETHER, idempotency_key: str | None = None
    ) -> Iterator[GradeResult]:
        """Grade answers, `together` in one call; each has a result of its own, a grade or a problem, in order.

        Args:
            requests: the answers.
            together: the answers of one call; at most the service's `GRADER_MAX_CLIENT_BATCH_SIZE`.
            idempotency_key: sent with the number of the call behind it.

        Raises:
            NotText: a request holds what is not Unicode text.
        """
        key = idempotency_key or uuid.uuid4().hex
        for first in range(0, len(requests), together):
            bodies = b",".join(map(_json, requests[first : first + together]))
            reply = self._post("/v1/grades", b'{"requests":[' + bodies + b"]}", f"{key}-{first}")
            yield from _read(GradeResults, reply).results

    def get_grade(self, grade_id: str) -> GradeOut:
        """A grade, with what persons decided about it."""
        return _read(GradeOut, self._caller.call("GET", f"/v1/grades/{_part(grade_id)}"))

    def await_revision(self, grade_id: str, timeout_s: float = 60.0, every_s: float = 0.5) -> GradeOut:
        """A grade, asked for again and again while its revision is pending; after `timeout_s` as it is then."""
        return await_revision(self.get_grade, grade_id, timeout_s, every_s)

    def list_grades(self, filters: GradeFilters | None = None) -> GradePage:
        """One page of grades, newest first; put its `next_cursor` into the filters for the next."""
        return _read(GradePage, self._caller.call("GET", "/v1/grades", query=_query(filters)))

    def iter_grades(self, filters: GradeFilters | None = None) -> Iterator[GradeOut]:
        """Every grade, newest first, page by page."""
        return follow(self.list_grades, filters or GradeFilters())

    def override(self, grade_id: str, create: OverrideCreate, *, idempotency_key: str | None = None) -> OverrideOut:
        """Decide about a grade; the machine's grade stays."""
        return _read(OverrideOut, self._post(f"/v1/grades/{_part(grade_id)}/overrides", _json(create), idempotency_key))

    def regrade(self, create: RegradeCreate, *, idempotency_key: str | None = None) -> RegradeOut:
        """Grade stored answers again, or (`dry_run`) tell what would change; `next_cursor` goes on."""
        return _read(RegradeOut, self._post("/v1/regrades", _json(create), idempotency_key))

    def erase_candidate(self, candidate_id: str, *, idempotency_key: str | None = None) -> Erased:
        """Erase every answer and grade of a candidate, for good."""
        key = idempotency_key or uuid.uuid4().hex
        path = f"/v1/candidates/{_part(candidate_id)}"
        return _read(Erased, self._caller.call("DELETE", path, idempotency_key=key))

    def create_batch(
        self,
        file: Path,
        options: BatchUpload,
        *,
        webhook_secret: str | None = None,
        idempotency_key: str | None = None,
    ) -> BatchOut:
        """Have a table graded in the service's spare time."""
        query = options.model_dump(mode="json", exclude_defaults=True)
        headers = {} if webhook_secret is None else {"Webhook-Secret": webhook_secret}
        key = idempotency_key or uuid.uuid4().hex
        reply = self._caller.upload("/v1/batches", file, query=query, headers=headers, idempotency_key=key)
        return _read(BatchOut, reply)

    def get_batch(self, batch_id: str) -> BatchOut:
        """A batch: where it stands, and its counts."""
        return _read(BatchOut, self._caller.call("GET", f"/v1/batches/{_part(batch_id)}"))

    def list_batches(self, filters: BatchFilters | None = None) -> BatchPage:
        """One page of batches, newest first; put its `next_cursor` into the filters for the next."""
        return _read(BatchPage, self._caller.call("GET", "/v1/batches", query=_query(filters)))

    def cancel_batch(self, batch_id: str) -> BatchOut:
        """Have a batch end now. The rows that are graded are kept."""
        return _read(BatchOut, self._caller.call("POST", f"/v1/batches/{_part(batch_id)}/cancel"))

    def follow_batch(self, batch_id: str, every_s: float = 1.0) -> Iterator[BatchOut]:
        """A batch, asked for again and again until it has ended, which is the last."""
        while True:
            batch = self.get_batch(batch_id)
            yield batch
            if batch.finished_at is not None:
                return
            time.sleep(every_s)

    def download_batch(
        self, batch_id: str, file: BinaryIO, *, only_errors: bool = False, partial: bool = False
    ) -> None:
        """Write the table of a batch that has ended, or its rows with an error, to an empty file.

        With `partial`, of a batch that goes on those rows that are done so far.
        """
        part, query = "errors" if only_errors else "output", "?partial=true" if partial else ""
        self._caller.download(f"/v1/batches/{_part(batch_id)}/{part}{query}", file)

    def batch_figures(self, batch_id: str, *, detailed: bool = False, partial: bool = False) -> BatchFigures:
        """What came of a batch that has ended, in figures; `detailed` adds the questions and the doubtful answers.

        `partial` is as for `download_batch`.
        """
        query = {name: "true" for name, wanted in (("detailed", detailed), ("partial", partial)) if wanted}
        path = f"/v1/batches/{_part(batch_id)}/figures"
        return _read(BatchFigures, self._caller.call("GET", path, query=query, of_a_table=True))

    def list_banks(self) -> tuple[BankSummary, ...]:
        """Every bank at hand."""
        return _read(BankList, self._caller.call("GET", "/v1/banks")).items

    def get_bank(self, bank_id: str, number: int | None = None) -> BankOut:
        """A bank, or an older version of it; `document` is None where the key may not see it."""
        query = {} if number is None else {"number": str(number)}
        return _read(BankOut, self._caller.call("GET", f"/v1/banks/{_part(bank_id)}", query=query))

    def put_bank(self, bank: Bank) -> BankSummary:
        """Keep a bank, or a new version of it. The same content again makes no new version."""
        return _read(BankSummary, self._caller.call("PUT", f"/v1/banks/{_part(bank.bank)}", body=_json(bank)))

    def delete_bank(self, bank_id: str) -> None:
        """Delete a bank. Its versions are kept, and so are the grades that name them."""
        self._caller.call("DELETE", f"/v1/banks/{_part(bank_id)}")

    def list_questions(self, filters: QuestionFilters | None = None) -> QuestionPage:
        """One page of questions, by bank and in its order."""
        return _read(QuestionPage, self._caller.call("GET", "/v1/questions", query=_query(filters)))

    def iter_questions(self, filters: QuestionFilters | None = None) -> Iterator[QuestionOut]:
        """Every question, by bank and in its order, page by page."""
        return follow(self.list_questions, filters or QuestionFilters())

    def get_question(self, question_id: str) -> QuestionOut:
        """A question; what would give its answer away is None where the key may not see it."""
        return _read(QuestionOut, self._caller.call("GET", f"/v1/questions/{_part(question_id)}"))

    def search_questions(self, create: SearchCreate) -> SearchOut:
        """The questions whose text is nearest in meaning, nearest first."""
        return _read(SearchOut, self._caller.call("POST", "/v1/questions/search", body=_json(create)))

    def create_key(self, create: KeyCreate, *, idempotency_key: str | None = None) -> KeyMade:
        """Make a key of the tenant. Its text is None where the service's first reply was lost: it is shown once."""
        return _read(KeyMade, self._post("/v1/keys", _json(create), idempotency_key))

    def list_keys(self) -> tuple[KeyOut, ...]:
        """The tenant's keys, oldest first, revoked ones too."""
        return _read(KeyList, self._caller.call("GET", "/v1/keys")).items

    def revoke_key(self, key_id: str, *, idempotency_key: str | None = None) -> KeyOut:
        """Revoke a key of the tenant, for good."""
        key = idempotency_key or uuid.uuid4().hex
        return _read(KeyOut, self._caller.call("DELETE", f"/v1/keys/{_part(key_id)}", idempotency_key=key))

    def _post(self, path: str, body: bytes, key: str | None) -> bytes:
        return self._caller.call("POST", path, body=body, idempotency_key=key or uuid.uuid4().hex)


def _json(model: BaseModel) -> bytes:
    """A value as it is sent: what is as it would be anyway is left out."""
    try:
        return model.model_dump_json(exclude_defaults=True).encode()
    except PydanticSerializationError as error:
        raise NotText("what would be sent is not Unicode text: it holds a lone surrogate") from error


def _query(filters: BaseModel | None) -> dict[str, str]:
    values: dict[str, Any] = filters.model_dump(mode="json", exclude_defaults=True) if filters else {}  # Any: as JSON
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in values.items()}


def _part(text: str) -> str:
    """A part of a path, whatever it holds."""
    return quote(text, safe="")


def _read(model: type[ModelT], reply: bytes) -> ModelT:
    """A reply as a value. Fields that a newer service adds are left out.

    Raises:
        NotUnderstood: it is not one.
    """
    try:
        return model.model_validate_json(reply, extra="ignore")
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise NotUnderstood(f"the reply is no {model.__name__}: {where}: {first['msg']}") from error
