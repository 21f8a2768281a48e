"""Pages from templates, and the files beside them. Everything put into a template is escaped."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import Response

from grader_api.problems import ProblemError
from grader_api.web import wording
from grader_api.web.marking import marked

_HERE = Path(__file__).parent
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".txt": "text/plain"}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "cross-origin-opener-policy": "same-origin",
    "x-frame-options": "DENY",
    # with `no-referrer` a browser would send its own forms from the origin "null"
    "referrer-policy": "same-origin",
}
_FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file as it is sent. Its address changes with its content, so it may be kept for ever."""

    content: bytes
    media_type: str
    version: str

    def response(self) -> Response:
        """The file as a response."""
        return Response(self.content, 200, _HEADERS | {"cache-control": _FOR_EVER}, f"{self.media_type}; charset=utf-8")


class Pages:
    """The templates and the files beside them, read once."""

    def __init__(self) -> None:
        self._files = {path.name: _read(path) for path in (_HERE / "static").iterdir()}
        self._environment = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters.update(wording.FILTERS)
        self._environment.globals.update(address=self._address, marked=marked)

    def file(self, name: str) -> StaticFile | None:
        """A file by its name."""
        return self._files.get(name)

    def page(
        self, template: str, status: int = 200, headers: Mapping[str, str] | None = None, **values: Any
    ) -> Response:
        """A page as a response. Any: whatever a template shows."""
        html = self._environment.get_template(f"{template}.html.jinja").render(**values)
        return Response(html, status, _HEADERS | dict(headers or {}), "text/html; charset=utf-8")

    def problem(self, problem: ProblemError, request_id: str | None) -> Response:
        """A problem as a page; where only a part of a page was asked for, it goes into the place for notices."""
        headers = {"hx-retarget": "#notice", "hx-reselect": "#problem", "hx-reswap": "innerHTML"}
        return self.page(
            "problem", problem.kind.status, headers | problem.headers, problem=problem.document(request_id), viewer=None
        )

    def _address(self, name: str) -> str:
        return f"/static/{name}?{self._files[name].version}"


def _read(path: Path) -> StaticFile:
    content = path.read_bytes()
    return StaticFile(content, _TYPES[path.suffix], hashlib.sha256(content).hexdigest()[:12])
