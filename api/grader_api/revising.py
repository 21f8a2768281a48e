"""A grade's second phase: what a language model makes of it, kept under the same id."""

from __future__ import annotations

from concurrent.futures import CancelledError
from datetime import UTC, datetime
from typing import cast

from grader.errors import UnknownQuestion, UnusableQuestion
from grader.grade import Grade, RemoteOutcome
from grader.grading import Draft
from grader.llm.opinion import Unscored
from grader.request import GradeRequest, find_question
from grader.scoring.remote import standing
from grader_api.errors import Stopping
from grader_api.judging import Judging
from grader_api.model import GradeJob
from grader_api.service import Service
from grader_api.store.grades import Kept, find_grade, new_id, new_salt
from grader_api.store.revisions import RevisionRow, add_revision, find_awaited

_ACTOR = "service"
_NOBODY = "the language model"
_TURNED_OFF = "the service asks no language model any more"
_AGAIN = "the answer was graded again since"
_CHANGED = "what the answer is graded by has changed since: grade it again"
DEFECT = "something went wrong in the service; its log tells more"


def revise_grade(service: Service, grade_id: str) -> None:
    """Ask about the answer of a grade and keep what comes of it; nothing where none is awaited (any more).

    Raises:
        Stopping: the service ends.
        StoreUnavailable: the database does not answer.
    """
    kept = _awaited(service, grade_id)
    if kept is not None:
        _keep(service, kept, _revised(service, kept))


def give_up(service: Service, grade_id: str) -> None:
    """Have the local grade stand, after a defect.

    Raises:
        StoreUnavailable: the database does not answer.
    """
    kept = _awaited(service, grade_id)
    if kept is not None:
        _keep(service, kept, _stands(service, kept, DEFECT))


def _awaited(service: Service, grade_id: str) -> Kept | None:
    with service.database.read() as connection:
        awaited = find_awaited(connection, grade_id)
        if awaited is None or awaited.revised:
            return None
        return find_grade(connection, awaited.tenant, grade_id)


def _revised(service: Service, kept: Kept) -> Grade:
    """The grade with the verdicts, or the local one with why it stands."""
    judging = service.judging
    if judging is None:
        return _stands(service, kept, _TURNED_OFF)
    if kept.superseded_by is not None:
        return _stands(service, kept, _AGAIN)
    draft = _draft(service, kept)
    if draft is None or draft.case is None:
        return _stands(service, kept, _CHANGED)
    return service.grader.revise(draft, judging.submit(draft.case).result(), judging.identity)


def _draft(service: Service, kept: Kept) -> Draft | None:
    """The local grade made again, in spare time: a revision rests on what it was measured by, which is not kept.

    None where it would be that of another question: what the language model says must be about what was graded.
    """
    request, tenant = GradeRequest.model_validate_json(kept.row.request), kept.row.tenant
    shelf = service.libraries.fresh(tenant) or service.libraries.shelf(tenant)
    try:
        job = GradeJob(request, find_question(shelf.library, request))
    except (UnknownQuestion, UnusableQuestion):
        return None
    (future,) = service.model.submit_spare([job])
    try:
        draft = cast("Draft", future.result())
    except CancelledError as error:
        raise Stopping("the service is stopping") from error
    before = Grade.model_validate_json(kept.row.grade).receipt
    same = before and draft.grade.receipt and before.question_hash == draft.grade.receipt.question_hash
    return draft if same else None


def _stands(service: Service, kept: Kept, why: str) -> Grade:
    judging: Judging | None = service.judging
    judge = _NOBODY if judging is None else judging.identity
    return standing(Grade.model_validate_json(kept.row.grade), judge, Unscored(RemoteOutcome.NOT_ASKED, why))


def _keep(service: Service, kept: Kept, grade: Grade) -> None:
    if grade.label is None or grade.score is None:
        raise TypeError("only what has a score is revised")
    row = RevisionRow(
        id=new_id("revision"),
        grade_id=kept.row.id,
        created_at=datetime.now(UTC),
        actor=_ACTOR,
        salt=new_salt(),
        stands=True,
        label=grade.label.value,
        needs_review=grade.needs_review,
        passed=bool(grade.passed),
        score=grade.score,
        grade=grade.model_dump_json(),
    )
    with service.database.write() as connection:
        add_revision(connection, kept.row.tenant, row)
