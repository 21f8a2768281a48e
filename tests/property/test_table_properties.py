"""Whatever a table holds, it comes back from every format as it was."""

from __future__ import annotations

import csv
import io
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from batches import CountingGrader, grade_table, source_of, target_of
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import texts

from grader.batch.tables.formats import Format
from grader.batch.tables.reading import Layout, open_table
from grader.batch.tables.row import Row, RowError, as_text
from grader.batch.tables.writing import write_table

COLUMNS = ("id", "answer", "note")
unlikely = st.sampled_from(["NA", "null", "None", "007", "1" * 23, "", " ", '"', "'", "=1", "'=1", "_x000D_", "\ufeff"])
cells = st.one_of(texts, unlikely, st.text(st.sampled_from("\"'\n\r,;\t|=x\0")))
GRADER = CountingGrader()
tables = st.lists(st.fixed_dictionaries(dict.fromkeys(COLUMNS, cells)), max_size=8)


@pytest.mark.parametrize("ending", ["csv", "csv.gz", "tsv", "jsonl", "jsonl.zst", "parquet", "xlsx"])
@given(rows=tables)
def test_a_table_comes_back_from_every_format(ending: str, rows: list[dict[str, str]]) -> None:
    layout = Layout(Format.of(ending), known=frozenset(COLUMNS), ours=frozenset(COLUMNS))
    # a row of a sheet without any cell is no row
    wanted = [row for row in rows if ending != "xlsx" or any(row.values())]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"table.{ending}"
        write_table(path, layout.format, COLUMNS, {}, rows)
        with open_table(path, layout) as table:
            found = [{name: as_text(cell) for name, cell in row.cells.items()} for row in table.rows if told(row)]
    assert found == wanted


@pytest.mark.parametrize(
    ("taken", "given"), [("csv", "parquet"), ("jsonl.zst", "xlsx"), ("xlsx", "tsv"), ("parquet", "csv.gz")]
)
@settings(max_examples=12)  # a batch waits for the disk
@given(rows=tables.filter(bool))
def test_a_batch_keeps_ids_answers_and_order(taken: str, given: str, rows: list[dict[str, str]]) -> None:
    asked = [{"question_id": "tiny-1", **row} for row in rows]
    with tempfile.TemporaryDirectory() as folder:
        source, target = source_of(Path(folder) / f"in.{taken}"), target_of(Path(folder) / f"out.{given}")
        write_table(source.path, source.layout.format, ["question_id", *COLUMNS], {}, asked)
        written = replace(source, layout=replace(source.layout, ours=frozenset(COLUMNS)))
        assert grade_table(written, target, GRADER)
        with open_table(target.output, source_of(target.output).layout) as table:
            found = [{name: as_text(row.cells.get(name)) for name in COLUMNS} for row in table.rows if told(row)]
    assert found == rows


def told(row: Row | RowError) -> bool:
    assert isinstance(row, Row), row
    return True


@given(rows=tables, spoilt=st.integers(0, 7), piece=st.sampled_from(["x,y,z,\n", "x\n", '"a"b,c,d\n']))
def test_a_row_at_fault_is_told_and_the_rows_before_it_are_whole(
    rows: list[dict[str, str]], spoilt: int, piece: str
) -> None:
    place = min(spoilt, len(rows))
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(COLUMNS)
    writer.writerows([row[name] for name in COLUMNS] for row in rows[:place])
    line = written.getvalue().count("\n") + 1
    written.write(piece)
    writer.writerows([row[name] for name in COLUMNS] for row in rows[place:])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_bytes(written.getvalue().encode())
        with open_table(path, Layout(Format.of("csv"), delimiter=",")) as table:
            found = list(table.rows)
    before = [row.cells for row in found[:place] if told(row)]
    assert before == rows[:place]
    spoilt_row = found[place]
    assert isinstance(spoilt_row, RowError)
    if "\r" not in "".join(cell for row in rows[:place] for cell in row.values()):
        assert spoilt_row.line == line
