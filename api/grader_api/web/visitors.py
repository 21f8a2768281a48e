"""Who looks at the pages: by a key kept in a cookie, or on this machine without one.

The cookie is for the pages alone (the API takes no cookie), no script reads it, and no other site can send it along.
It holds the key itself, so that a revoked key is out at once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request, Response

from grader_api.auth import Gate, Principal, admitted, is_loopback
from grader_api.scopes import Scope

_NAME = "grader_key"
_LASTS_S = 12 * 3600  # a working day


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who looks, and what for them the pages offer."""

    principal: Principal
    signed_in: bool

    @property
    def tenant(self) -> str:
        """Whose grades they see."""
        return self.principal.tenant

    @property
    def grades(self) -> bool:
        """Whether they may have answers graded."""
        return self.principal.may(Scope.GRADE)

    @property
    def reads(self) -> bool:
        """Whether they may read banks and grades."""
        return self.principal.may(Scope.READ)

    @property
    def reviews(self) -> bool:
        """Whether they may decide about grades."""
        return self.principal.may(Scope.REVIEW)

    @property
    def sees_rubrics(self) -> bool:
        """Whether they may see references and what is meant for graders."""
        return self.principal.may(Scope.AUTHOR, Scope.REVIEW)


def visits(*scopes: Scope) -> Callable[..., Awaitable[Visitor]]:
    """A dependency: who looks, if one of the scopes is given."""

    async def admit(request: Request) -> Visitor:
        principal = await admitted(request, _key(request), scopes)
        gate: Gate = request.app.state.gate
        return Visitor(principal, signed_in=not await gate.no_keys())

    return admit


Anyone = Annotated[Visitor, Depends(visits(*Scope))]
Grading = Annotated[Visitor, Depends(visits(Scope.GRADE))]
Reading = Annotated[Visitor, Depends(visits(Scope.READ))]
Reviewing = Annotated[Visitor, Depends(visits(Scope.REVIEW))]


def remember(request: Request, response: Response, key: str) -> None:
    """Keep a key in the visitor's browser, for a working day."""
    response.set_cookie(
        _name(request), key, max_age=_LASTS_S, secure=_encrypted(request), httponly=True, samesite="strict"
    )


def forget(request: Request, response: Response) -> None:
    """Have the visitor's browser forget the key."""
    response.delete_cookie(_name(request), secure=_encrypted(request), httponly=True, samesite="strict")


def is_overheard(request: Request) -> bool:
    """Whether what is sent could be read on its way."""
    return not _encrypted(request) and not is_loopback(request.url.hostname or "")


def _key(request: Request) -> str | None:
    return request.cookies.get(_name(request))


def _name(request: Request) -> str:
    """With the prefix, browsers take the cookie from this very host only, and send it encrypted only."""
    return f"__Host-{_NAME}" if _encrypted(request) else _NAME


def _encrypted(request: Request) -> bool:
    return request.url.scheme == "https"
