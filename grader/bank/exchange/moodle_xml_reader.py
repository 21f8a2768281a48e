"""Questions from Moodle XML: essays with their `graderinfo`, short answers with their right answers.

What an element means, and what stands in for one that is missing, is as in Moodle's own importer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from lxml import etree

from grader.bank.exchange.categories import category_name
from grader.bank.exchange.exchanged import Contents, Exchanged, Item, Skipped, make_exchanged
from grader.bank.exchange.files import read_bytes
from grader.bank.exchange.graderinfo import GraderInfo, marked_fields, read_graderinfo
from grader.bank.exchange.markup import parse_html, readable_text
from grader.errors import BankError, Fault

_LAST_LINE = 65_534  # libxml2 counts no further with certainty
_T = TypeVar("_T")
_RIGHT = 100.0  # per cent of the points, from which a short answer is a right one


def read_moodle_xml(path: Path) -> Exchanged:
    """Read a file of Moodle's question export; questions that are not answered in free text are skipped.

    Raises:
        BankError: it is no such XML, or holds no essay or short answer with a right answer; with the line.
    """
    return make_exchanged(_Reader(path).read(), path)


class _Reader:
    """Reads one file: remembers the category that questions stand in."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._facts: dict[str, Any] = {}  # Any: JSON, which the bank's rules check
        self._category: str | None = None
        self._items: list[Item] = []
        self._skipped: list[Skipped] = []

    def read(self) -> Contents:
        for element in self._quiz().iterchildren("question"):
            kind = element.get("type", "")
            if kind == "category":
                self._enter(element)
            elif kind in ("essay", "shortanswer"):
                self._take(element, kind)
            else:
                self._skip(element, kind or "untyped", "is not answered in free text")
        return Contents(self._items, self._skipped, self._facts)

    def _quiz(self) -> etree._Element:
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
        )
        try:
            root = etree.fromstring(read_bytes(self._path), parser)
        except etree.XMLSyntaxError as error:
            reason = re.sub(r", line \d+, column \d+.*", "", error.msg or "it cannot be read")
            raise self._fault(error.lineno, f"is no XML: {reason}") from error
        if root.getroottree().docinfo.doctype:
            raise self._fault(None, "has a document type, which could hide entities: remove the <!DOCTYPE …>")
        if root.tag != "quiz":
            raise self._fault(_line(root), f"is XML, but not of Moodle's questions: <{root.tag}> and not <quiz>")
        return root

    def _enter(self, element: etree._Element) -> None:
        """Go on in another category; the first that has a name of its own names the bank."""
        name = category_name(self._text(element, "category")[0])
        told = self._checked(element, lambda: marked_fields(parse_html(self._text(element, "info")[0])))
        if (name or told) and not self._facts:
            given = {"title": name, "bank": (element.findtext("idnumber") or "").strip()}
            self._facts = given | told
            name = None  # it is the whole bank, and no topic in it
        self._category = name

    def _take(self, element: etree._Element, kind: str) -> None:
        info = self._essay(element) if kind == "essay" else self._short_answer(element)
        question = self._readable(element, "questiontext")
        points = self._points(element)
        if not question:
            self._skip(element, kind, "has no text")
        elif not info.references:
            lacking = "grader information" if kind == "essay" else "right answer in plain words"
            self._skip(element, kind, f"has no {lacking}, so there is no reference")
        elif points <= 0:
            self._skip(element, kind, "is worth no points")
        else:
            topic = next(iter(self._tags(element)), self._category)
            seen = {"question": question, "references": list(info.references), "max_points": points}
            fields = ({"topic": topic} if topic else {}) | info.fields | seen
            given_id = (element.findtext("idnumber") or "").strip()
            self._items.append(Item(_line(element), given_id, fields))

    def _essay(self, element: etree._Element) -> GraderInfo:
        """The references of an essay: what graders are told, or else what candidates are told afterwards."""
        text, text_format = self._text(element, "graderinfo")
        if text_format == "html":
            info = self._checked(element, lambda: read_graderinfo(text))
        else:
            info = GraderInfo((readable_text(text, text_format),) if text.strip() else (), {})
        feedback = self._readable(element, "generalfeedback")
        return info if info.references or not feedback else GraderInfo((feedback,), info.fields)

    def _short_answer(self, element: etree._Element) -> GraderInfo:
        """The answers worth all points, but for those with a wildcard: `*` stands for anything at all."""
        right = [
            text.replace(r"\*", "*")
            for answer in element.iterchildren("answer")
            if self._number(answer, answer.get("fraction", "0")) >= _RIGHT
            and not re.search(r"(?<!\\)\*", text := self._inner(answer))
        ]
        return GraderInfo(tuple(text for text in right if text), {})

    def _points(self, element: etree._Element) -> float:
        return self._number(element, element.findtext("defaultgrade") or "1")

    def _number(self, element: etree._Element, text: str) -> float:
        return self._checked(element, lambda: float(text), f"{text.strip()!r} is no number")

    def _tags(self, element: etree._Element) -> Iterator[str]:
        yield from (text for tag in element.iterfind("tags/tag") if (text := self._inner(tag)))

    def _readable(self, element: etree._Element, name: str) -> str:
        text, text_format = self._text(element, name)
        return self._checked(element, lambda: readable_text(text, text_format))

    def _text(self, element: etree._Element, name: str) -> tuple[str, str]:
        """The text of a part, and its format; empty if the part is missing."""
        part = element.find(name)
        return ("", "html") if part is None else (self._inner(part), part.get("format", "html").strip())

    def _inner(self, part: etree._Element) -> str:
        text = part.find("text")
        if text is None:
            return ""
        if len(text):
            raise self._fault(_line(text), "<text> holds elements: put HTML in CDATA, or escape it")
        return (text.text or "").strip()

    def _checked(self, element: etree._Element, make: Callable[[], _T], reason: str = "") -> _T:
        try:
            return make()
        except ValueError as error:
            raise self._fault(_line(element), reason or str(error)) from error

    def _skip(self, element: etree._Element, kind: str, reason: str) -> None:
        self._skipped.append(Skipped(kind, _line(element), reason))

    def _fault(self, line: int | None, reason: str) -> BankError:
        return BankError([Fault(str(self._path), line, "", reason)])


def _line(element: etree._Element) -> int | None:
    line: int | None = element.sourceline
    return None if line is None or line > _LAST_LINE else line
