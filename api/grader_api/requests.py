"""The body of `POST /v1/grades`: one answer, or several of which each may be faulty by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json, to_json

from grader_api.bodies import refusal, strictly, told
from grader_api.problems import FaultOut, Kind, ProblemError, fault
from grader_api.schemas import GradeCreate

_SEVERAL = "requests"
_read = strictly(GradeCreate)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The answers of one call, in order, faulty ones as their problems; `several` tells how the reply looks."""

    requests: tuple[GradeCreate | ProblemError, ...]
    several: bool


def read_requests(raw: bytes, most: int) -> Wanted:
    """The answers of a body.

    Raises:
        ProblemError: it is not JSON, or neither one answer nor a list of them, or there are too many.
    """
    try:
        value = from_json(raw)
    except ValueError as error:
        raise ProblemError(Kind.MALFORMED_JSON, str(error)) from error
    if not isinstance(value, dict) or _SEVERAL not in value:
        return Wanted((told(_read, raw),), several=False)
    items = _items(value, most)
    return Wanted(tuple(_item(place, item) for place, item in enumerate(items)), several=True)


def _items(value: dict[str, Any], most: int) -> list[Any]:  # Any: whatever JSON holds
    faults = [fault(str(name), "is not a field here") for name in value if name != _SEVERAL]
    listed: list[Any] = value[_SEVERAL] if isinstance(value[_SEVERAL], list) else []
    if not listed:
        faults.append(fault(_SEVERAL, "must be a list of at least one answer"))
    if faults:
        raise ProblemError(Kind.INVALID_REQUEST, f"{faults[0].path}: {faults[0].message}", errors=faults)
    if len(listed) > most:
        detail = f"there are {len(listed)} answers in the call; it may have {most}"
        raise ProblemError(Kind.TOO_MANY_ANSWERS, detail, errors=[fault(_SEVERAL, "is too long")])
    return listed


def _item(place: int, item: Any) -> GradeCreate | ProblemError:  # Any: whatever JSON holds
    try:
        return _read(to_json(item, inf_nan_mode="constants"))
    except ValidationError as error:
        problem = refusal(error)
        prefixed = [_prefixed(f"{_SEVERAL}[{place}]", one) for one in problem.errors]
        return ProblemError(problem.kind, problem.detail, errors=prefixed)


def _prefixed(prefix: str, one: FaultOut) -> FaultOut:
    return one.model_copy(update={"path": f"{prefix}.{one.path}" if one.path else prefix})
