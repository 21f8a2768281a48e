"""A batch as clients see it."""

from __future__ import annotations

from pydantic import TypeAdapter

from grader_api.problems import FaultOut
from grader_api.schemas import BatchOut, RequestCounts
from grader_api.store.batches import BatchRow

_FAULTS = TypeAdapter(tuple[FaultOut, ...])


def show_batch(row: BatchRow) -> BatchOut:
    """A batch that is kept, as it is shown."""
    return BatchOut.model_validate(
        {
            "id": row.id,
            "name": row.name,
            "status": row.status,
            "created_at": row.created_at,
            "finished_at": row.finished_at,
            "request_counts": RequestCounts(total=row.total, completed=row.completed, failed=row.failed),
            "errors": _FAULTS.validate_json(row.faults),
        }
    )
