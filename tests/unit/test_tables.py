"""Tables in every format: what is read of them, and how rows and files at fault are told."""

from __future__ import annotations

import gzip
import json
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from grader.batch.tables.formats import Format, Packing, Shape
from grader.batch.tables.reading import Layout, open_table
from grader.batch.tables.row import Row, RowError
from grader.batch.tables.writing import write_table
from grader.errors import TableError

KNOWN = frozenset({"question_id", "answer", "response"})


def save(folder: Path, content: str | bytes, name: str = "answers.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(path: Path, encoding: str | None = None, delimiter: str | None = None) -> list[Row | RowError]:
    with open_table(path, Layout(Format.of(path.name), encoding, delimiter, KNOWN)) as table:
        return list(table.rows)


def good(rows: list[Row | RowError]) -> list[dict[str, object]]:
    return [dict(row.cells) for row in rows if isinstance(row, Row)]


def errors(rows: list[Row | RowError]) -> list[tuple[int, str]]:
    return [(row.line, f"{row.column}: {row.reason}") for row in rows if isinstance(row, RowError)]


def refusal(path: Path, encoding: str | None = None) -> str:
    with pytest.raises(TableError) as caught:
        read(path, encoding)
    return str(caught.value).removeprefix(f"{path}: ").removeprefix(f"{path}:")


CELLS = ["NA", "null", "None", "nan", "007", "12345678901234567890123", "1e5", "TRUE", ' " ', "a\nb", "a\rb", "a\x00b"]


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl", "parquet", "xlsx", "csv.gz", "jsonl.zst"])
def test_a_cell_comes_through_as_it_is(tmp_path: Path, cell: str, ending: str) -> None:
    path = tmp_path / f"answers.{ending}"
    write_table(path, Format.of(ending), ["id", "answer"], {}, [{"id": cell, "answer": cell}])
    assert good(read(path)) == [{"id": cell, "answer": cell}]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_end_ends_a_row(tmp_path: Path, end: str) -> None:
    rows = read(save(tmp_path, end.join(["question_id,answer", "a,1", "b,2"])))
    assert [(row.line, *good([row])[0].values()) for row in rows] == [(2, "a", "1"), (3, "b", "2")]


def test_a_row_that_is_too_long_or_short_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    rows = read(save(tmp_path, 'question_id,answer\na,"one\ntwo"\nb\n\nc,1,2\nd,3\n'))
    assert good(rows) == [{"question_id": "a", "answer": "one\ntwo"}, {"question_id": "d", "answer": "3"}]
    told = "but the header names 2 columns; quote cells that hold a comma, a quote or a line end"
    assert errors(rows) == [(4, f": has 1 cell, {told}"), (6, f": has 3 cells, {told}")]


def test_columns_at_the_end_that_nobody_named_are_none(tmp_path: Path) -> None:
    rows = read(save(tmp_path, "question_id,answer,,\na,1,,\nb,2,,beyond\nc,3\n,,,\n"))
    assert good(rows) == [{"question_id": "a", "answer": "1"}, {"question_id": "", "answer": ""}]
    assert [line for line, _ in errors(rows)] == [3, 4]
    assert errors(rows)[0][1] == ": has a cell in a column that the header does not name"
    assert good(read(save(tmp_path, "question_id,answer,\na,1,x\n"))) == [{"question_id": "a", "answer": "1", "": "x"}]


@pytest.mark.parametrize("quoted", [True, False])
def test_a_quote_that_is_never_closed_costs_one_row_of_ten_thousand(tmp_path: Path, quoted: bool) -> None:
    mark = '"' if quoted else ""
    lines = [f"q{number},{mark}answer {number}{mark}" for number in range(10_000)]
    lines[1] = 'q1,"answer'
    rows = read(save(tmp_path, "question_id,answer\n" + "\n".join(lines)))
    assert len(rows) == 10_000
    ((line, told),) = errors(rows)
    assert (line, "look for an unclosed quote" in told) == (3, True)
    assert good(rows)[-1] == {"question_id": "q9999", "answer": "answer 9999"}


def test_a_quote_left_open_before_megabytes_does_not_swallow_them(tmp_path: Path) -> None:
    text = "question_id,answer\n" + 'q,"open\n' + f"q,{'x' * 999}\n" * 3000
    rows = read(save(tmp_path, text))
    assert (len(rows), [line for line, _ in errors(rows)]) == (3001, [2])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_encodings_are_told_by_their_marks(tmp_path: Path, encoding: str) -> None:
    path = save(tmp_path, "question_id,answer\nq,ünï 😀\n".encode(encoding))
    assert good(read(path)) == [{"question_id": "q", "answer": "ünï 😀"}]


def test_other_encodings_are_read_when_named_and_else_cost_the_rows_that_show_them(tmp_path: Path) -> None:
    path = save(tmp_path, "question_id,answer\nq,plain\nq,café\n".encode("cp1252"))
    assert [row["answer"] for row in good(read(path, "cp1252"))] == ["plain", "café"]
    told = "answer: is not UTF-8 (byte 0xE9); if the file is in another encoding, name it: --encoding cp1252"
    assert errors(read(path)) == [(3, told)]
    assert "is no encoding that is known" in refusal(path, "klingon")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_delimiter_is_told_from_the_header(tmp_path: Path, delimiter: str) -> None:
    path = save(tmp_path, delimiter.join(["question_id", "answer"]) + "\n" + delimiter.join(["q", '"a,b;c"']) + "\n")
    assert good(read(path)) == [{"question_id": "q", "answer": "a,b;c"}]


def test_names_that_are_known_tell_more_than_many_cells(tmp_path: Path) -> None:
    path = save(tmp_path, 'question_id;answer;"a,b,c,d,e"\nq;a;x\n')
    assert good(read(path)) == [{"question_id": "q", "answer": "a", "a,b,c,d,e": "x"}]


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        ("", "a.csv", "is empty: the first line names the columns"),
        ("answer,id,answer\n", "a.csv", "1: answer: stands more than once in the header"),
        ('"answer,id\n', "a.csv", "1: the header is not well-formed"),
        ("no", "a.parquet", "is not Parquet"),
        ("no", "a.xlsx", "is no XLSX workbook"),
        ("no", "a.csv.gz", "cannot be unpacked, or is not whole"),
        ("no", "a.csv.zst", "cannot be unpacked, or is not whole"),
        (gzip.compress(b"answer\n" * 99)[:-9], "a.csv.gz", "cannot be unpacked, or is not whole"),
        (b"\xff\xfea\x00,", "a.csv", "is not utf-16"),
        ("", "a.doc", "is no format of tables that is known"),
        ("", "a.xlsx.gz", "is no format of tables that is known"),
        ("", "csv", "is empty"),
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path: Path, content: str | bytes, name: str, told: str) -> None:
    assert told in refusal(save(tmp_path, content, name))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    for name in ("a.csv", "a.jsonl.gz", "a.csv.zst", "a.parquet", "a.xlsx"):
        assert refusal(tmp_path / name).startswith("No such file or directory")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{ ", "is not JSON: Expecting property name enclosed in double quotes (column 2)"),
        ("[1]", "is not a JSON object: one object a line"),
        ('{"a": 1, "a": 2}', "cannot be read: 'a' stands more than once"),
        ('{"a": NaN}', "cannot be read: NaN is no number of JSON's"),
        ('{"a": 1e999}', "inf is no number"),
        ('{"a": ["\\ud800"]}', "is not Unicode text: lone surrogate U+D800 at character 1"),
    ],
)
def test_a_line_that_is_no_object_is_told(tmp_path: Path, line: str, told: str) -> None:
    rows = read(save(tmp_path, f'{{"a": 1}}\n\n{line}\n{{"a": "\u2028"}}\r\n', "answers.jsonl"))
    assert good(rows) == [{"a": 1}, {"a": "\u2028"}]
    ((number, reason),) = errors(rows)
    assert (number, reason.split(": ", 1)[1]) == (3, told)


def test_parquet_keeps_its_kinds_and_reads_more_than_one_part(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    columns = {"n": range(5000), "x": [0.5] * 5000, "yes": [True] * 5000, "refs": [["a", "b"]] * 5000}
    pq.write_table(pa.table({**columns, "at": pa.array([0] * 5000, pa.timestamp("s"))}), path)
    with open_table(path, Layout(Format(Shape.PARQUET))) as table:
        rows = good(list(table.rows))
        again = tmp_path / "b.parquet"
        write_table(again, Format(Shape.PARQUET), table.columns, table.kinds, rows)
    assert rows[4999] == {"n": 4999, "x": 0.5, "yes": True, "refs": ["a", "b"], "at": "1970-01-01 00:00:00"}
    kept = {field.name: str(field.type) for field in pq.read_schema(again)}
    assert kept == {"n": "int64", "x": "double", "yes": "bool", "refs": "list<element: string>", "at": "string"}


def test_what_json_cannot_say_is_text_or_a_row_at_fault_within_lists_too(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    cells = [[date(2026, 1, 2), None], [{"x": Decimal("1.50")}]]
    for cell in cells:
        pq.write_table(pa.table({"answer": pa.array([cell])}), path)
        assert json.dumps(good(read(path)))
    assert good(read(path)) == [{"answer": [{"x": "1.50"}]}]
    pq.write_table(pa.table({"answer": pa.array([["a"], ["b"]]), "more": pa.array([[b"x"], []])}), path)
    assert errors(read(path)) == [(1, "more: holds bytes; text is wanted")]
    assert good(read(path)) == [{"answer": ["b"], "more": []}]


def test_a_sheet_whose_program_tells_its_size_wrong_is_read_whole(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for sheet in (book.active, book.create_sheet("Names"), book.create_sheet("Old")):
        assert sheet is not None
        for cells in (["question_id", "answer"], ["q", "one"], ["q", "two"]):
            sheet.append(cells)
    book.save(tmp_path / "right.xlsx")
    with zipfile.ZipFile(tmp_path / "right.xlsx") as right, zipfile.ZipFile(tmp_path / "wrong.xlsx", "w") as wrong:
        for name in right.namelist():
            wrong.writestr(name, right.read(name).replace(b'<dimension ref="A1:B3"', b'<dimension ref="A1"'))
    with open_table(tmp_path / "wrong.xlsx", Layout(Format(Shape.XLSX))) as table:
        assert table.left_out == ("Names", "Old")
        assert [row["answer"] for row in good(list(table.rows))] == ["one", "two"]


def test_an_integer_of_more_digits_than_a_sheet_keeps_is_text(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    long = 12345678901234567890123
    write_table(path, Format(Shape.XLSX), ["id", "n"], {}, [{"id": long, "n": 123456789012345}])
    assert good(read(path)) == [{"id": str(long), "n": 123456789012345}]


def test_a_sheet_of_a_spreadsheet_program_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for cells in (["id", "answer", None], [7, "x_x000D_y"], [None, None], ["007", "=1+1"], ["8", "a", "beyond"], ["9"]):
        sheet.append(cells)
    book.save(tmp_path / "a.xlsx")
    rows = read(tmp_path / "a.xlsx")
    assert good(rows) == [{"id": 7, "answer": "x\ry"}, {"id": "9", "answer": None}]
    assert errors(rows) == [
        (4, "answer: holds a formula; save the sheet with values"),
        (5, ": has 3 cells, but the header names 2 columns"),
    ]


def test_a_text_too_long_for_a_sheet_is_left_out_and_told(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_table(path, Format(Shape.XLSX), ["answer", "error"], {}, [{"answer": "x" * 40_000, "error": None}])
    assert good(read(path)) == [
        {"answer": None, "error": "answer: 40,000 characters are more than a cell of XLSX holds; left out here"}
    ]


@pytest.mark.parametrize("ending", ["csv", "tsv", "xlsx"])
def test_no_cell_of_a_spreadsheet_is_taken_for_a_formula_and_ours_are_read_as_they_were(
    tmp_path: Path, ending: str
) -> None:
    answers = ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "'=1", "'x", "''-1", "x=1"]
    path = tmp_path / f"a.{ending}"
    write_table(path, Format.of(ending), ["answer", "=column"], {}, [{"answer": one, "=column": 1} for one in answers])
    raw = [row["answer"] for row in good(read(path))]
    assert raw == ["'=1+1", "'+1", "'-1", "'@x", "'\tx", "'\rx", "''=1", "'x", "'''-1", "x=1"]
    with open_table(path, Layout(Format.of(ending), ours=frozenset({"answer"}))) as table:
        assert table.columns == ("answer", "=column")
        assert [row["answer"] for row in good(list(table.rows))] == answers


def test_json_lines_are_raw(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    write_table(path, Format(Shape.JSONL), ["answer", "flags"], {}, [{"answer": "=1", "flags": ["a"]}, {"answer": "ü"}])
    assert path.read_text(encoding="utf-8") == '{"answer": "=1", "flags": ["a"]}\n{"answer": "ü"}\n'


def test_the_same_rows_packed_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.csv.gz", "b.csv.gz"):
        write_table(tmp_path / name, Format(Shape.CSV, Packing.GZIP), ["answer"], {}, [{"answer": "x"}])
    assert (tmp_path / "a.csv.gz").read_bytes() == (tmp_path / "b.csv.gz").read_bytes()
    assert gzip.decompress((tmp_path / "a.csv.gz").read_bytes()) == b"answer\r\nx\r\n"


def test_rows_are_read_as_they_are_asked_for(tmp_path: Path) -> None:
    path = save(tmp_path, b"question_id,answer\nq,a\n" + b"q,\xe9\n" * 10)
    with open_table(path, Layout(Format(Shape.CSV), "cp1252")) as table:
        assert isinstance(next(table.rows), Row)
