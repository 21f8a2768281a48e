"""What holds of windows in a cluster, in whatever order they come back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.batch.asking import Asked, ask
from grader.batch.cluster.arrow import from_arrow, to_arrow
from grader.batch.cluster.order import in_order
from grader.batch.ledger import Line
from grader.batch.tables.row import Row, RowError
from grader.batch.window import NumberedWindow, numbered
from grader.errors import EngineError
from grader.request import GradeRequest

COLUMNS = {"question_id": "q", "answer": "a"}
rows = st.one_of(
    st.builds(
        lambda line, question, answer, note: Row(line, {"q": question, "a": answer, "note": note}),
        st.integers(1, 10**9),
        st.sampled_from(["", "tiny-1", "tiny-2"]),
        st.one_of(st.sampled_from(["a", "b"]), st.text(st.characters(exclude_categories=["Cs"]), max_size=20)),
        st.one_of(st.none(), st.integers(), st.booleans(), st.lists(st.text(st.characters(exclude_categories=["Cs"])))),
    ),
    st.builds(RowError, st.integers(1, 10**9), st.just("is no row")),
)
tables = st.lists(st.lists(rows, min_size=1, max_size=5), max_size=8)


def windows_of(table: list[list[Row | RowError]], first: int = 0) -> list[NumberedWindow]:
    asked = [[ask(row, COLUMNS) if isinstance(row, Row) else row for row in window] for window in table]
    return list(numbered(asked, first))


@given(tables)
def test_a_window_comes_through_arrow_as_it_was(table: list[list[Row | RowError]]) -> None:
    for window in windows_of(table):
        assert from_arrow(to_arrow(window)) == [window]


@given(tables, st.integers(0, 10**12))
def test_rows_are_numbered_without_gaps_and_each_answer_is_asked_once(
    table: list[list[Row | RowError]], first: int
) -> None:
    windows = windows_of(table, first)
    assert [window.first for window in windows] + [first + sum(map(len, table))] == [
        first,
        *(window.end for window in windows),
    ]
    asked = [key for window in windows for key in window.texts]
    wanted = {one.key for window in table for row in window if isinstance(one := _asked(row), Asked)}
    assert len(asked) == len(set(asked))
    assert set(asked) == wanted


def _asked(row: Row | RowError) -> Asked | RowError:
    return ask(row, COLUMNS) if isinstance(row, Row) else row


@given(tables)
def test_what_is_asked_is_the_request(table: list[list[Row | RowError]]) -> None:
    requests = {one.key: one.request for window in table for row in window if isinstance(one := _asked(row), Asked)}
    for window in windows_of(table):
        for key, text in window.texts.items():
            assert GradeRequest.model_validate_json(text) == requests[key]


def plain_windows(sizes: list[int], first: int) -> list[NumberedWindow]:
    windows = []
    for size in sizes:
        windows.append(
            NumberedWindow(first, tuple(Line(n, "", "{}", None, "{}") for n in range(first, first + size)), {})
        )
        first += size
    return windows


@given(st.lists(st.integers(1, 4), max_size=10), st.integers(0, 100), st.data())
def test_windows_in_any_order_and_repeated_come_out_once_and_in_order(
    sizes: list[int], first: int, data: st.DataObject
) -> None:
    windows = plain_windows(sizes, first)
    repeats = data.draw(st.lists(st.sampled_from(windows), max_size=5)) if windows else []
    before = plain_windows([1, 2], first - 3) if first >= 3 else []
    coming = data.draw(st.permutations([*windows, *repeats, *before]))
    assert list(in_order(coming, first, first + sum(sizes))) == windows


@given(st.lists(st.integers(1, 4), min_size=1, max_size=10), st.data())
def test_a_window_that_does_not_come_back_is_told(sizes: list[int], data: st.DataObject) -> None:
    windows = plain_windows(sizes, 0)
    lost = data.draw(st.integers(0, len(windows) - 1))
    kept = []
    with pytest.raises(EngineError, match=f"did not give back row {windows[lost].first + 1:,} of"):
        kept.extend(in_order(windows[:lost] + windows[lost + 1 :], 0, sum(sizes)))
    assert windows[:lost] == list(in_order(windows[:lost], 0, windows[lost].first))
