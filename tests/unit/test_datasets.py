"""Marked files: what is read of them, and how their faults are told."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from grader.errors import DatasetError
from grader.evaluation.datasets import MarkedAnswer, MarkRange, read_marked

HEADER = "question_id,question,reference,answer,human_score"


def write(folder: Path, text: str | bytes, name: str = "marks.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def faults(path: Path, marks: MarkRange | None = None) -> list[str]:
    with pytest.raises(DatasetError) as caught:
        read_marked(path, marks)
    return [str(fault).removeprefix(str(path)) for fault in caught.value.faults]


def test_a_row_becomes_a_marked_answer(tmp_path: Path) -> None:
    text = f"{HEADER},human_score_2,group,note\nq1,Why?,Because. ||| It is so.,So.,0.5,1,blue,x\n"
    assert read_marked(write(tmp_path, text)) == (
        MarkedAnswer(2, "q1", "Why?", ("Because.", "It is so."), "So.", 0.5, 1.0, "blue"),
    )


@pytest.mark.parametrize("cell", ["NA", "null", "None", "nan", "007", "1e3", "TRUE", " so ", ""])
def test_cells_come_through_as_they_are(tmp_path: Path, cell: str) -> None:
    (row,) = read_marked(write(tmp_path, f"{HEADER}\n{cell or 'q'},Why?,Because.,{cell},1\n"))
    assert (row.answer, row.question_id) == (cell, cell or "q")


def test_lines_count_what_quoted_cells_break(tmp_path: Path) -> None:
    text = f'{HEADER}\nq1,Why?,R,"two\nlines",1\n\nq1,Why?,R,next,oops\n'
    assert faults(write(tmp_path, text)) == [":5: human_score: 'oops' is no number"]


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    assert len(read_marked(write(tmp_path, b"\xef\xbb\xbf" + f"{HEADER}\nq,Why?,R,a,1\n".encode()))) == 1


@pytest.mark.parametrize("name", ["response", "submitted_answer", "student_answer"])
@pytest.mark.parametrize("mark", ["score", "mark"])
def test_other_names_are_read(tmp_path: Path, name: str, mark: str) -> None:
    (row,) = read_marked(write(tmp_path, f"question,references,{name},{mark}\nWhy?,R,a,1\n"))
    assert (row.question_id, row.references, row.answer, row.human) == ("Why?", ("R",), "a", 1.0)


def test_a_column_of_its_own_name_goes_before_another(tmp_path: Path) -> None:
    (row,) = read_marked(write(tmp_path, f"{HEADER},score,response\nq,Why?,R,a,1,0,b\n"))
    assert (row.answer, row.human) == ("a", 1.0)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", [": is empty: the first line names the columns"]),
        (f"{HEADER}\n", [": there are no rows"]),
        ("question_id,answer\nq,a\n", [":1: human_score: there is no such column (or score, mark)"]),
        ("answer,human_score\na,1\n", [":1: question_id: there is no such column, nor question"]),
        (
            f"{HEADER}\nq,Why?,R,a\n",
            [":2: has 4 cells, but the header names 5 columns; quote cells that hold the delimiter"],
        ),
        (f"{HEADER},answer\nq,W,R,a,1,b\n", [":1: answer: stands more than once in the header"]),
        (f"{HEADER}\nq,Why?,R,a,1_0\n", [":2: human_score: '1_0' is no number"]),
        (f"{HEADER}\nq,Why?,R,a,nan\n", [":2: human_score: 'nan' is no number"]),
        (f"{HEADER}\nq,Why?,R,a,\n", [":2: human_score: is empty: a number is wanted"]),
        (
            f"{HEADER}\nq,Why?,R,a,4\n",
            [":2: human_score: 4 lies outside 0 to 1; for other marks give --marks MIN:MAX, or a max_score column"],
        ),
        (f"{HEADER}\n,,R,a,1\n", [":2: question_id: is empty, and so is the question"]),
        (
            f"{HEADER}\nq,Why?,R,a,1\nq,How?,R,a,1\n",
            [":3: question: question id 'q' has another text here than on line 2"],
        ),
        (
            "question,mark,score,answer\nWhy?,1,0,a\n",
            [":1: human_score: score and mark could each be it; rename one to human_score"],
        ),
        (
            "question,score,answer,needs_review\nWhy?,1,a,true\n",
            [
                (
                    ":1: human_score: score stands beside columns that a grader writes, so it is no person's mark; "
                    "name that human_score"
                )
            ],
        ),
        (
            f'{HEADER}\nq,Why?,R,"open,1\n',
            [":2: unexpected end of data; the row that begins here is not well-formed: look for an unclosed quote"],
        ),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_line_and_column(tmp_path: Path, text: str, told: list[str]) -> None:
    assert faults(write(tmp_path, text)) == told


def test_every_fault_is_told_and_beyond_twenty_they_are_counted(tmp_path: Path) -> None:
    path = write(tmp_path, f"{HEADER}\n" + "q,Why?,R,a,x\n" * 25)
    assert len(faults(path)) == 25
    with pytest.raises(DatasetError, match="and 5 more"):
        read_marked(path)


def test_a_file_of_no_known_kind_or_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert faults(tmp_path / "marks.xlsx") == [": .xlsx is none of .csv, .tsv, .jsonl, .ndjson, .parquet"]
    assert faults(tmp_path / "absent.csv") == [": No such file or directory"]
    assert "not UTF-8" in faults(write(tmp_path, HEADER.encode() + b"\nq,Why?,R,caf\xe9,1\n"))[0]


def test_marks_on_other_scales_are_moved_to_zero_to_one(tmp_path: Path) -> None:
    text = f"{HEADER}\nq,Why?,R,a,1\nq,Why?,R,a,5\n"
    assert [row.human for row in read_marked(write(tmp_path, text), MarkRange(1, 5))] == [0.0, 1.0]
    own = "question,reference,answer,human_score,max_score\nWhy?,R,a,2,4\nHow?,R,a,2,2\n"
    assert [row.human for row in read_marked(write(tmp_path, own))] == [0.5, 1.0]
    assert faults(write(tmp_path, own.replace("2,4", "2,0"))) == [":2: max_score: must be above 0, is 0"]


def test_tabs_json_lines_and_parquet_say_the_same(tmp_path: Path) -> None:
    rows = [
        {"question_id": "007", "question": "Why?", "reference": "R", "answer": 'a, "b"', "human_score": 0.5},
        {"question_id": "8", "question": "How?", "reference": "R ||| S", "answer": "NA", "human_score": 1},
    ]
    lines = write(tmp_path, "\n".join(map(json.dumps, rows)), "marks.jsonl")
    tabs = write(
        tmp_path, HEADER.replace(",", "\t") + '\n007\tWhy?\tR\t"a, ""b"""\t0.5\n8\tHow?\tR ||| S\tNA\t1\n', "marks.tsv"
    )
    table = tmp_path / "marks.parquet"
    pq.write_table(pa.Table.from_pylist(rows), table)
    told = [
        [(row.question_id, row.references, row.answer, row.human) for row in read_marked(path)]
        for path in (lines, tabs, table)
    ]
    assert told[0] == told[1] == told[2]
    assert told[0][0] == ("007", ("R",), 'a, "b"', 0.5)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", ":2: is not JSON: Expecting property name enclosed in double quotes (column 1)"),
        ("[1]", ":2: is not a JSON object: one object a line"),
        (
            '{"question": "W", "answer": true, "score": 1}',
            ":2: answer: holds a bool; text, a number or a list of texts is wanted",
        ),
        ('{"question": "W", "score": 1}', ":2: answer: is missing"),
        ('{"question": "W", "answer": "a", "score": NaN}', ":2: score: 'nan' is no number"),
    ],
)  # fmt: skip
def test_json_lines_that_are_none_are_told(tmp_path: Path, line: str, told: str) -> None:
    good = '{"question": "W", "answer": "a", "score": 1, "references": ["R", "S"]}'
    assert faults(write(tmp_path, f"{good}\n{line}\n", "marks.jsonl")) == [told]


def test_a_file_that_only_calls_itself_parquet_is_told(tmp_path: Path) -> None:
    assert "is not Parquet" in faults(write(tmp_path, "no", "marks.parquet"))[0]
