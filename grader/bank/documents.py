"""A document to lines of text: plain text and Markdown as they are, HTML, PDF and DOCX as markitdown reads them."""

from __future__ import annotations

import codecs
import io
import re
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from grader.bank.extraction.marks import asks
from grader.errors import DocumentError, ExtraMissing

MAX_DOCUMENT_BYTES = 64 * 1024 * 1024
TEXT = frozenset({".txt", ".text", ".md", ".markdown", ".rst", ""})
CONVERTED = frozenset({".html", ".htm", ".pdf", ".docx"})
TABLES = frozenset({".csv", ".tsv"})

_BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16: it begins alike
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_PAGE_EDGE = 2  # lines at the top and at the foot of a page that may repeat on every page
_FULL_LINE = 0.75  # the share of the longest line of a page from which a line was broken by the margin


@dataclass(frozen=True, slots=True)
class Document:
    """A document as text: its name, its title if it has one, and its lines, without line ends."""

    name: str
    title: str | None
    lines: tuple[str, ...]


def open_document(path: Path) -> Document:
    """Read a document.

    Raises:
        DocumentError: it cannot be read, is empty, too large, encrypted, without text (scanned), of a kind that is not
            read here, or not in UTF-8 or UTF-16.
        ExtraMissing: it needs the extra `documents`.
    """
    kind = path.suffix.lower()
    if kind not in TEXT | CONVERTED:
        known = ", ".join(sorted(TEXT - {""} | CONVERTED | TABLES))
        raise DocumentError(f"{path}: no document that can be read here; these can: {known}")
    data = read_bytes(path)
    text = decode(data, path) if kind in TEXT else _convert(data, kind, path)
    if not text.strip():
        reason = "a scanned document must go through text recognition (OCR) first" if kind == ".pdf" else "it is blank"
        raise DocumentError(f"{path}: there is no text in it: {reason}")
    lines = _without_furniture(text) if "\f" in text else tuple(text.splitlines())
    return Document(path.name, _title(lines), lines)


def read_bytes(path: Path) -> bytes:
    """The bytes of a document.

    Raises:
        DocumentError: it cannot be read, is empty, or too large.
    """
    try:
        size = path.stat().st_size
        if size > MAX_DOCUMENT_BYTES:
            raise DocumentError(f"{path}: {size:,} bytes; a document has at most {MAX_DOCUMENT_BYTES:,}")
        data = path.read_bytes()
    except OSError as error:
        raise DocumentError(f"{path}: {error.strerror or error}") from error
    if not data:
        raise DocumentError(f"{path}: the file is empty (0 bytes)")
    return data


def decode(data: bytes, path: Path) -> str:
    """Text in UTF-8, or in whatever its byte order mark says; `path` names it in errors.

    Raises:
        DocumentError: it is in another encoding, or no text.
    """
    encoding = next((name for mark, name in _BYTE_ORDER_MARKS.items() if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        reason = f"not {encoding.removesuffix('-sig').upper()} text (byte {error.start})"
        raise DocumentError(f"{path}: {reason}; save it as UTF-8") from error
    if "\x00" in text:
        raise DocumentError(f"{path}: not text: it holds null characters; save it as UTF-8")
    return text


def _convert(data: bytes, kind: str, path: Path) -> str:
    if find_spec("markitdown") is None:
        raise ExtraMissing(f"{path}: what reads {kind.lstrip('.').upper()} documents", "documents")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of libraries, about their own dependencies and the document's fonts
        return _markitdown(data, kind, path)


def _markitdown(data: bytes, kind: str, path: Path) -> str:
    # an extra, and a second to import
    from markitdown import DocumentConverter, MarkItDown, MarkItDownException, StreamInfo  # noqa: PLC0415
    from markitdown.converters import DocxConverter, HtmlConverter, PdfConverter  # noqa: PLC0415

    # each kind by its own converter alone: the last resort of all would read a broken PDF as text
    converters: dict[str, Callable[[], DocumentConverter]] = {".pdf": PdfConverter, ".docx": DocxConverter}
    reader = MarkItDown(enable_builtins=False, enable_plugins=False)
    reader.register_converter(converters.get(kind, HtmlConverter)())
    if kind in {".html", ".htm"} and data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        data = decode(data, path).encode()
    try:
        return reader.convert_stream(io.BytesIO(data), stream_info=StreamInfo(extension=kind)).markdown
    except MarkItDownException as error:
        raise DocumentError(f"{path}: {_told(error, kind, data)}") from error


def _told(error: Exception, kind: str, data: bytes) -> str:
    if "Password" in str(error) or data.startswith(b"\xd0\xcf\x11\xe0"):  # an encrypted DOCX is an OLE container
        return "it is encrypted; save a copy without a password"
    if "MissingDependency" in str(error) or "MissingDependency" in type(error).__name__:
        return f"reading {kind} needs the extra documents: pip install 'answer-grader[documents]'"
    return f"it is broken, or no {kind.lstrip('.').upper()} file: {' '.join(str(error).split())[:160]}"


def _without_furniture(text: str) -> tuple[str, ...]:
    """The lines of a document in pages, without what repeats at their edges, and lines that the margin broke rejoined.

    A title, an author or `Page 3 of 9` counts as repeated if, digits aside, it stands at the edge of half of the pages.
    """
    pages = [page.split("\n") for page in text.split("\f")]
    if pages and not any(line.strip() for line in pages[-1]):
        pages.pop()
    edges = [_edges(page) for page in pages]
    often = Counter(key for found in edges for key in {_shape(page_line) for _, page_line in found})
    least = max(2, -(-len(pages) // 2))
    lines: list[str] = []
    for page, found in zip(pages, edges, strict=True):
        gone = {place for place, line in found if often[_shape(line)] >= least and not _tells(line)}
        lines.extend(_rejoined(["" if place in gone else line for place, line in enumerate(page)]))
    return tuple(lines)


def _edges(page: list[str]) -> list[tuple[int, str]]:
    told = [(place, line) for place, line in enumerate(page) if line.strip()]
    return told if len(told) <= 2 * _PAGE_EDGE else told[:_PAGE_EDGE] + told[-_PAGE_EDGE:]


def _tells(line: str) -> bool:
    """Whether a line is more than furniture, however often it stands: a question, or an item of a list."""
    return asks(line) or bool(re.match(r"\s*[-*•]\s", line))


def _shape(line: str) -> str:
    return re.sub(r"\d+", "#", line.strip())


def _rejoined(page: list[str]) -> list[str]:
    """A page's lines without the blank ones that a wide line spacing was read as."""
    longest = max((len(line) for line in page), default=0)
    kept: list[str] = []
    for line in page:
        above = kept[-1].rstrip() if kept else ""
        broken = len(above) >= _FULL_LINE * longest and above[-1:] not in (".", "?", "!", ":", ";")
        if line.strip() or not (above and broken):
            kept.append(line.rstrip())
    return kept


def _title(lines: tuple[str, ...]) -> str | None:
    """The text of the first heading of level 1, if it stands near the top."""
    for line in lines[:20]:
        if re.match(r"#\s", line):
            return line.strip("#*_ \t") or None
    return None
