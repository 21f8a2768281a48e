"""What clients send and get, beside the grade itself (grader.grade) and the bank (grader.bank.question)."""

from __future__ import annotations

from grader_api.schemas.banks import BankList, BankOut, BankSummary, BankVersionList, BankVersionOut
from grader_api.schemas.batches import (
    BatchAnswer,
    BatchCreate,
    BatchFigures,
    BatchFilters,
    BatchOptions,
    BatchOut,
    BatchPage,
    BatchStatus,
    BatchUpload,
    FiguresFilters,
    RequestCounts,
)
from grader_api.schemas.grades import (
    Decision,
    GradeCreate,
    GradeFilters,
    GradeOut,
    GradePage,
    GradeResult,
    GradeResults,
    GradesCreate,
    OverrideCreate,
    OverrideOut,
    PastGrade,
    RevisionStatus,
)
from grader_api.schemas.keys import KeyCreate, KeyList, KeyMade, KeyOut
from grader_api.schemas.parts import Cursor, Limit, Line, Moment
from grader_api.schemas.questions import QuestionFilters, QuestionOut, QuestionPage, SearchCreate, SearchHit, SearchOut
from grader_api.schemas.regrades import RegradeChange, RegradeCreate, RegradeOut
from grader_api.schemas.service import Erased, Health, Readiness

__all__ = [
    "BankList",
    "BankOut",
    "BankSummary",
    "BankVersionList",
    "BankVersionOut",
    "BatchAnswer",
    "BatchCreate",
    "BatchFigures",
    "BatchFilters",
    "BatchOptions",
    "BatchOut",
    "BatchPage",
    "BatchStatus",
    "BatchUpload",
    "Cursor",
    "Decision",
    "Erased",
    "FiguresFilters",
    "GradeCreate",
    "GradeFilters",
    "GradeOut",
    "GradePage",
    "GradeResult",
    "GradeResults",
    "GradesCreate",
    "Health",
    "KeyCreate",
    "KeyList",
    "KeyMade",
    "KeyOut",
    "Limit",
    "Line",
    "Moment",
    "OverrideCreate",
    "OverrideOut",
    "PastGrade",
    "QuestionFilters",
    "QuestionOut",
    "QuestionPage",
    "Readiness",
    "RegradeChange",
    "RegradeCreate",
    "RegradeOut",
    "RequestCounts",
    "RevisionStatus",
    "SearchCreate",
    "SearchHit",
    "SearchOut",
]
