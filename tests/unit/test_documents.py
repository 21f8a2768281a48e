"""Files of every kind to lines, made here with the libraries that people use to make them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import docx
import pytest
from fpdf import FPDF

from grader.bank import documents
from grader.bank.documents import Document, open_document
from grader.bank.extraction.extract import extract
from grader.errors import DocumentError

TEXT = "1. What is a gaté?\n\nIt “scales”.\n"


def pairs(document: Document) -> list[tuple[str, str]]:
    return [(one.question, one.answer) for one in extract(document.lines).found]


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        b"\xfe\xff" + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-32"),
    ],
    ids=["utf-8", "CRLF", "CR", "byte order mark", "utf-16", "utf-16 big end", "utf-32"],
)
@pytest.mark.parametrize("name", ["a.txt", "a.md", "A.MARKDOWN", "questions"])
def test_text_is_read_in_every_unicode_encoding(tmp_path: Path, data: bytes, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    document = open_document(path)
    assert document.lines == tuple(TEXT.splitlines())
    assert (document.name, document.title) == (name, None)


def test_the_title_is_the_first_heading(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("\n# **Gates** #\n\n## 1. Why?\n\nBecause.\n", encoding="utf-8")
    assert open_document(path).title == "Gates"


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("a.txt", b"", "the file is empty (0 bytes)"),
        ("a.pdf", b"", "the file is empty (0 bytes)"),
        ("a.md", b" \n\t\n", "there is no text in it: it is blank"),
        ("a.txt", "é".encode("latin-1"), "not UTF-8 text (byte 0); save it as UTF-8"),
        ("a.txt", b"\xff\xfea", "not UTF-16 text"),
        ("a.txt", b"a\x00b\x00", "it holds null characters"),
        ("a.xyz", b"a", "no document that can be read here"),
        ("a.pdf", b"%PDF-1.4\nnothing", "it is broken, or no PDF file"),
        ("a.docx", b"PK\x03\x04nothing", "it is broken, or no DOCX file"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "it is encrypted"),
        ("a.html", b"<html><body></body></html>", "there is no text in it: it is blank"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_line(tmp_path: Path, name: str, data: bytes, told: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(DocumentError) as refused:
        open_document(path)
    assert str(refused.value).startswith(f"{path}: ")
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"no\.txt: No such file"):
        open_document(tmp_path / "no.txt")
    with pytest.raises(DocumentError, match="Is a directory"):
        open_document(tmp_path)


def test_a_document_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with path.open("wb") as file:
        file.truncate(documents.MAX_DOCUMENT_BYTES + 1)
    with pytest.raises(DocumentError, match="a document has at most 67,108,864"):
        open_document(path)


HTML = """
<html><head><title>Gates</title><style>p { color: red }</style></head><body>
<h1>Gates</h1><h2>What is a gate?</h2><p>It <b>scales</b>:</p><ul><li>one</li><li>two &lt; three</li></ul>
<table><tr><th>name</th><th>cost</th></tr><tr><td>new</td><td>low</td></tr></table>
<h2>Why use it?</h2><p>It forgets.</p><script>var x = "What is this?"</script></body></html>
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_html_headings_lists_and_tables_are_read(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.html"
    path.write_bytes(HTML.encode(encoding))
    document = open_document(path)
    assert document.title == "Gates"
    assert pairs(document) == [
        ("What is a gate?", "It scales:\n\n- one\n- two < three\n\nname | cost\nnew | low"),
        ("Why use it?", "It forgets."),
    ]


def test_html_definition_lists_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.htm"
    items = (
        "<dt>What is a gate?</dt><dd>It scales.<ul><li>one</li><li>two</li></ul></dd><dt>Why?</dt><dd>It forgets.</dd>"
    )
    path.write_text(f"<html><body><dl>{items}</dl></body></html>", encoding="utf-8")
    assert pairs(open_document(path)) == [("What is a gate?", "It scales.\n\n- one\n- two"), ("Why?", "It forgets.")]


def test_a_word_document_is_read(tmp_path: Path) -> None:
    made = docx.Document()
    made.add_heading("Gates", 1)
    made.add_heading("1. What is a gate?", 2)
    made.add_paragraph("It scales:")
    made.add_paragraph("one", style="List Bullet")
    made.add_paragraph("two", style="List Bullet")
    table = made.add_table(2, 2)
    for place, text in enumerate(("name", "cost", "new", "low")):
        table.cell(place // 2, place % 2).text = text
    made.add_paragraph().add_run("2. Why use it?").bold = True
    made.add_paragraph("It forgets.")
    made.save(str(tmp_path / "a.docx"))
    document = open_document(tmp_path / "a.docx")
    assert document.title == "Gates"
    assert pairs(document) == [
        ("What is a gate?", "It scales:\n\n- one\n- two\n\nname | cost\nnew | low"),
        ("Why use it?", "It forgets."),
    ]


def test_questions_that_word_numbers_itself_are_counted_through(tmp_path: Path) -> None:
    made = docx.Document()
    for question, answer in (("What is a gate?", "It scales."), ("Why use it?", "It forgets things.")):
        made.add_paragraph(question, style="List Number")
        made.add_paragraph(answer)
    made.save(str(tmp_path / "a.docx"))
    found = extract(open_document(tmp_path / "a.docx").lines).found
    assert [(one.number, one.question) for one in found] == [(1, "What is a gate?"), (2, "Why use it?")]


LONG = (
    "The gate scales whatever passes through it, by a number between zero and one that is learnt from the data of a"
    " task."
)


def pdf(path: Path, pages: int = 4) -> None:
    made = FPDF()
    for page in range(1, pages + 1):
        made.add_page()
        made.set_font("helvetica", size=11)
        told = f"{page}. What is gate {page}?\n\nGate {page}. {LONG}\n\n- one\n- two"
        text = f"A book of gates\n\n{told}\n\nPage {page} of {pages}"
        made.multi_cell(0, 6, text, new_x="LMARGIN", new_y="NEXT")
    made.output(str(path))


def test_a_pdf_is_read_without_what_repeats_on_its_pages(tmp_path: Path) -> None:
    pdf(tmp_path / "a.pdf")
    assert pairs(open_document(tmp_path / "a.pdf")) == [
        (f"What is gate {page}?", f"Gate {page}. {LONG}\n\n- one\n- two") for page in range(1, 5)
    ]


def test_an_encrypted_pdf_is_told(tmp_path: Path) -> None:
    made = FPDF()
    made.add_page()
    made.set_font("helvetica", size=11)
    made.cell(text="1. What is a gate?")
    made.set_encryption(owner_password="owner", user_password="user")  # noqa: S106 (of a file made here)
    made.output(str(tmp_path / "a.pdf"))
    with pytest.raises(DocumentError, match="it is encrypted; save a copy without a password"):
        open_document(tmp_path / "a.pdf")


def test_a_pdf_of_pictures_is_told(tmp_path: Path) -> None:
    made = FPDF()
    made.add_page()
    made.rect(10, 10, 50, 50)
    made.output(str(tmp_path / "a.pdf"))
    with pytest.raises(DocumentError, match="must go through text recognition"):
        open_document(tmp_path / "a.pdf")


def test_a_missing_extra_is_named(tmp_path: Path) -> None:
    """In a process where the package is not to be had, as after an install without the extra."""
    (tmp_path / "a.html").write_text(HTML, encoding="utf-8")
    code = (
        "import sys; sys.modules['markitdown'] = None; from pathlib import Path;"
        "from grader.bank.documents import open_document; from grader.errors import ExtraMissing\n"
        "try: open_document(Path(sys.argv[1]))\n"
        "except ExtraMissing as error: print(error.extra, str(error))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "a.html")], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("documents ")
    assert "pip install 'answer-grader[documents]'" in done.stdout
