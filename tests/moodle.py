"""What Moodle's importers accept, written down from reading them: an independent check of what we export.

The rules are those of Moodle's question/format.php, question/format/xml/format.php, question/format/gift/format.php
and the tables of question and qtype_essay. Nothing here shares code with the package; the XML parser is the standard
library's.
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree import ElementTree

TEXT_FORMATS = {"moodle_auto_format", "html", "plain_text", "wiki_like", "markdown"}
RESPONSE_FORMATS = {"editor", "editorfilepicker", "plain", "monospaced", "noinline"}
GIFT_FORMATS = {"moodle", "html", "plain", "markdown"}


@dataclass(frozen=True)
class Essay:
    """An essay as Moodle would hold it."""

    idnumber: str
    name: str
    text: str
    text_format: str
    points: float = 1.0
    grader_info: str = ""
    feedback: str = ""


def import_xml(document: str) -> list[Essay]:
    """The essays of a document; fails where Moodle would complain, drop a field or cut it."""
    root = ElementTree.fromstring(document.encode())  # noqa: S314 (what is parsed was written by us)
    assert root.tag == "quiz"
    assert {child.tag for child in root} == {"question"}
    essays = []
    for question in root:
        kind = question.get("type")
        assert kind in {"category", "essay"}
        # of several fields of one name the importer reads the first, and no field may stand outside <text>
        assert len({child.tag for child in question}) == len(question)
        assert all(len(text) == 0 for text in question.iter("text"))
        _check_category(question) if kind == "category" else essays.append(_essay(question))
    numbers = [essay.idnumber for essay in essays]
    assert len(set(numbers)) == len(numbers), "a second idnumber in one category is dropped"
    return essays


def _check_category(question: ElementTree.Element) -> None:
    path = question.findtext("category/text")
    assert path
    assert path.startswith("$course$/top/")
    names = path.replace("//", "").split("/")
    assert len(names) == 3, "a single slash in a name makes two categories"
    assert 0 < len(path.rpartition("/top/")[2].replace("//", "/")) <= 255
    info = question.find("info")
    assert info is None or (info.get("format") in TEXT_FORMATS and info.find("text") is not None)
    assert len(question.findtext("idnumber") or "") <= 100


def _essay(question: ElementTree.Element) -> Essay:
    name = (question.findtext("name/text") or "").strip()
    assert 0 < len(name) <= 255
    number = question.findtext("idnumber") or ""
    assert len(number) <= 100
    for field in ("questiontext", "generalfeedback", "graderinfo", "responsetemplate"):
        part = question.find(field)
        assert part is not None
        assert part.get("format") in TEXT_FORMATS
    assert question.findtext("responseformat") in RESPONSE_FORMATS
    for field in ("responserequired", "hidden"):
        assert question.findtext(field) in {"0", "1"}
    for field in ("responsefieldlines", "attachments", "attachmentsrequired", "maxbytes"):
        assert (question.findtext(field) or "").isdigit()
    for field in ("minwordlimit", "maxwordlimit"):
        assert (question.findtext(field) or "0").isdigit()
    points = float(question.findtext("defaultgrade") or "nan")
    assert 0 <= points < 100_000
    assert 0 <= float(question.findtext("penalty") or "nan") <= 1
    assert all(0 < len(tag.text or "") <= 50 for tag in question.iterfind("tags/tag/text"))
    return Essay(
        idnumber=number,
        name=name,
        text=(question.findtext("questiontext/text") or "").strip(),
        text_format=question.find("questiontext").get("format", ""),  # type: ignore[union-attr] # asserted above
        points=points,
        grader_info=question.findtext("graderinfo/text") or "",
    )


def import_gift(document: str) -> list[Essay]:
    """The essays of a document; fails where Moodle would complain or take a question for another type."""
    essays = []
    for block in "\n".join(line.strip() for line in document.split("\n")).split("\n\n"):
        comments = [line for line in block.split("\n") if line.startswith("//")]
        lines = [line for line in block.split("\n") if line and not line.startswith("//")]
        if lines and not lines[0].startswith("$CATEGORY:"):
            assert len(lines) == 1
            essays.append(_gift_essay(lines[0], "".join(comments)))
    return essays


def _gift_essay(line: str, comments: str) -> Essay:
    signs = list(_signs(line))
    plain = "".join("\0" if escaped else sign for sign, escaped in signs)  # special signs are the ones not escaped
    said = "".join(sign for sign, _ in signs)
    assert plain.startswith("::")
    name_end = plain.index("::", 2)
    assert plain.count("{") == plain.count("}") == 1
    begin, end = plain.index("{"), plain.index("}")
    assert name_end < begin < end == len(plain) - 1, "what stands behind the brace makes a missing word of it"
    assert plain[begin + 1 :].startswith("####"), "anything else in the braces makes another type of question"
    text_format, text = _gift_format(said[name_end + 2 : begin])
    _, feedback = _gift_format(said[begin + 5 : end])
    number = comments.partition("[id:")[2].partition("]")[0]
    return Essay(number, said[2:name_end], text, text_format, feedback=feedback)


def _signs(line: str) -> list[tuple[str, bool]]:
    signs = []
    place = 0
    while place < len(line):
        following = line[place + 1 : place + 2]
        if line[place] == "\\" and following and following in ":#={}~n\\":
            signs.append(("\n" if following == "n" else following, True))
            place += 2
        else:
            signs.append((line[place], False))
            place += 1
    return signs


def _gift_format(text: str) -> tuple[str, str]:
    assert text.startswith("[")
    name, _, rest = text[1:].partition("]")
    assert name in GIFT_FORMATS
    return name, rest.strip()
