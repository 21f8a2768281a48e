"""Candidates: what is kept of one can be erased."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Response

from grader_api.auth import Administering
from grader_api.routes.parts import Parts, answer, router
from grader_api.schemas import Erased, Line
from grader_api.store.erasure import erase_candidate

routes = router("candidates")


@routes.delete("/v1/candidates/{candidate_id:path}", operation_id="erase_candidate", response_model=Erased)
async def delete_candidate(service: Parts, principal: Administering, candidate_id: Annotated[Line, Path()]) -> Response:
    """Erase every answer and grade of a candidate, for good."""
    erased = await service.write(erase_candidate, principal.tenant, principal.actor, candidate_id)
    return answer(Erased(grades=erased))
