"""Some rows of a batch, graded: each different answer to a question once, in the model's spare time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from typing import cast

from grader.batch.asking import Asked, ask
from grader.batch.outcome import Outcome, dumped, outcome, unread
from grader.batch.tables.row import Row, RowError
from grader.errors import GraderError
from grader.grade import Failure, Grade, ungraded
from grader.grading import Draft
from grader.request import GradeRequest, find_question
from grader_api.batches.plan import Found
from grader_api.errors import Stopping
from grader_api.libraries import Shelf
from grader_api.model import GradeJob
from grader_api.service import Service
from grader_api.store.batches import BatchRow, TableRow, is_kept, keep_portion, read_rows

SIZE = 128  # rows: what a kill can cost, and what is kept in one transaction


@dataclass(frozen=True, slots=True)
class _Graded:
    position: int
    outcome: Outcome

    @property
    def failed(self) -> bool:
        return self.outcome.cells["error"] is not None


def grade_portion(service: Service, batch: BatchRow, number: int) -> None:
    """Grade the rows of a portion and keep what became of them, unless they are kept already.

    Raises:
        Stopping: the service ends.
        StoreUnavailable: the database does not answer.
    """
    with service.database.read() as connection:
        if is_kept(connection, batch.id, number):
            return
        rows = read_rows(connection, batch.id, number * SIZE, (number + 1) * SIZE)
    shelf = service.libraries.fresh(batch.tenant) or service.libraries.shelf(batch.tenant)
    graded = _grade(service, shelf, rows, Found.model_validate_json(batch.layout or ""))
    failed = sum(one.failed for one in graded)
    outcomes = [(one.position, dumped(one.outcome)) for one in graded]
    with service.database.write() as connection:
        keep_portion(connection, batch.id, number, outcomes, completed=len(graded) - failed, failed=failed)


def finished_fault(row: TableRow) -> RowError:
    """Why a row cannot be graded."""
    return RowError(**json.loads(row.fault or ""), cells=json.loads(row.cells))


def _grade(service: Service, shelf: Shelf, rows: Sequence[TableRow], found: Found) -> list[_Graded]:
    asked = [_ask(row, found) for row in rows]
    requests = {one.key: one.request for one in asked if isinstance(one, Asked)}
    outcomes = dict(zip(requests, _outcomes(service, shelf, list(requests.values())), strict=True))
    return [
        _Graded(row.position, outcomes[one.key] if isinstance(one, Asked) else unread(one))
        for row, one in zip(rows, asked, strict=True)
    ]


def _ask(row: TableRow, found: Found) -> Asked | RowError:
    if row.fault is not None:
        return finished_fault(row)
    return ask(Row(row.line, json.loads(row.cells)), found.ours)


def _outcomes(service: Service, shelf: Shelf, requests: Sequence[GradeRequest]) -> list[Outcome]:
    asked = [_job(shelf, request) for request in requests]
    futures = service.model.submit_spare([job for job in asked if isinstance(job, GradeJob)])
    try:
        drafts = [cast("Draft", future.result()) for future in futures]
        grades = iter(_judged(service, drafts))
    except CancelledError as error:
        raise Stopping("the service is stopping") from error
    return [outcome(next(grades) if isinstance(job, GradeJob) else job) for job in asked]


def _judged(service: Service, drafts: Sequence[Draft]) -> list[Grade]:
    """Cheapest first: when all local grades are made, a language model is asked, about the shortest answers first."""
    grades, judging = [draft.grade for draft in drafts], service.judging
    if judging is None:
        return grades
    cases = sorted(
        ((place, one.case) for place, one in enumerate(drafts) if one.case is not None),
        key=lambda asked: len(asked[1].reading.text),
    )
    for place, future in [(place, judging.submit(case)) for place, case in cases]:
        grades[place] = service.grader.revise(drafts[place], future.result(), judging.identity)
    return grades


def _job(shelf: Shelf, request: GradeRequest) -> GradeJob | Grade:
    try:
        return GradeJob(request, find_question(shelf.library, request))
    except GraderError as error:
        failure = Failure(kind=type(error).__name__, message=str(error))
        return ungraded(request.question_id, None, {}, failure)
