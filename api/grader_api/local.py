"""The grades of a database at hand, without a service: what `grader_api.client.Client` does with those of one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Self

from sqlalchemy.exc import IntegrityError

from grader.bank.library import Library
from grader.grade import Grade
from grader.grading import Grader
from grader_api.auth import LOCAL, Principal
from grader_api.grading import show, write_of
from grader_api.libraries import Libraries
from grader_api.overriding import decide
from grader_api.problems import Kind, ProblemError
from grader_api.regrading import regrade
from grader_api.routes.grades import grade_of, keep, page_of
from grader_api.schemas import GradeFilters, GradeOut, GradePage, OverrideCreate, OverrideOut, RegradeCreate, RegradeOut
from grader_api.scopes import Scope
from grader_api.service import Service, make_service
from grader_api.settings import ServiceSettings
from grader_api.store.database import Database
from grader_api.store.grades import OverrideRow, add_override, new_salt


class LocalGrades:
    """One tenant's grades in a database that this process opens itself.

    Args:
        settings: name the database, and the pass mark.
        tenant: whose grades.
        library: gives the banks; called where they are needed.
        grader: gives what grades by them; called where answers are graded again.

    Raises:
        StoreUnavailable: the database cannot be opened.
    """

    def __init__(
        self, settings: ServiceSettings, tenant: str, library: Callable[[], Library], grader: Callable[[], Grader]
    ) -> None:
        self._settings, self._library, self._grader = settings, library, grader
        self._principal = Principal(tenant, LOCAL, frozenset({Scope.ADMIN}))
        self._database = Database(settings.database)

    def __enter__(self) -> Self:
        self._database.migrate()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def get_grade(self, grade_id: str) -> GradeOut:
        """A grade, with what persons decided about it.

        Raises:
            ProblemError: there is none of this id.
        """
        with self._database.read() as connection:
            return show(grade_of(connection, self._principal.tenant, grade_id))

    def list_grades(self, filters: GradeFilters | None = None) -> GradePage:
        """One page of grades, newest first."""
        with self._database.read() as connection:
            return page_of(connection, self._principal.tenant, filters or GradeFilters())

    def override(self, grade_id: str, create: OverrideCreate) -> OverrideOut:
        """Decide about a grade; the machine's grade stays.

        Raises:
            ProblemError: there is no such grade, or a verdict names none of its criteria.
        """
        tenant = self._principal.tenant
        shelf = Libraries(self._library(), self._database).shelf(tenant)
        with self._database.write() as connection:
            kept = grade_of(connection, tenant, grade_id)
            out = decide(create, Grade.model_validate_json(kept.current), shelf, self._settings.threshold)
            row = OverrideRow(
                out.id, grade_id, out.created_at, self._principal.actor, new_salt(), out.model_dump_json()
            )
            add_override(connection, tenant, row)
        return out

    def regrade(self, create: RegradeCreate) -> RegradeOut:
        """Grade stored answers again, or (`dry_run`) tell what would change.

        Raises:
            ProblemError: a grade is not known, or was made again by another in the meantime.
        """
        service = make_service(self._settings, self._grader())
        service.start()
        try:
            return asyncio.run(self._regrade(service, create))
        finally:
            service.stop()

    async def _regrade(self, service: Service, create: RegradeCreate) -> RegradeOut:
        regraded = await regrade(service, self._principal, create)
        try:
            await keep(service, write_of(regraded.made))
        except IntegrityError as error:
            raise ProblemError(Kind.CHANGED, "some of the grades were made again in the meantime") from error
        return regraded.out
