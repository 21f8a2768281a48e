"""What holds of rows of many lengths, packed into passes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from grader.encoders.packing import by_length, packed
from grader.encoders.passes import Begun, FixedPasses

lengths = st.lists(st.integers(1, 300), max_size=80)
steps = st.sampled_from([1, 8, 16])
budgets = st.integers(1, 2000)


@given(lengths, steps)
def test_each_row_is_in_the_bucket_of_its_padded_length(sizes: list[int], step: int) -> None:
    buckets = by_length(sizes, step)
    assert [length for length, _ in buckets] == sorted({length for length, _ in buckets})
    assert sorted(index for _, indices in buckets for index in indices) == list(range(len(sizes)))
    for length, indices in buckets:
        assert length % step == 0
        assert all(length - step < sizes[index] <= length for index in indices)


@given(st.integers(0, 200), st.integers(1, 300), budgets, budgets, st.booleans())
def test_passes_hold_every_row_once_and_no_more_pieces_than_their_budget(
    rows: int, length: int, small: int, large: int, agrees: bool
) -> None:
    passes = list(packed(range(rows), length, small, large, lambda: agrees))
    assert [index for one in passes for index in one.indices] == list(range(rows))
    for one in passes:
        budget = large if one.rows != -(-small // length) else small
        assert 1 <= len(one.indices) <= one.rows
        assert budget <= one.rows * length < budget + length
        assert agrees or one.rows == -(-small // length)


@given(st.integers(1, 200), st.integers(1, 300), budgets)
def test_only_the_last_pass_has_room_left(rows: int, length: int, small: int) -> None:
    *full, last = packed(range(rows), length, small, small, lambda: True)
    assert all(len(one.indices) == one.rows for one in full)
    assert last.indices


class Device:
    """A model that gives each row back, and counts what is begun and not read; its numbers may depend on the shape."""

    def __init__(self, *, exact: bool) -> None:
        self._exact = exact
        self.unread = 0
        self.most_unread = 0
        self.shapes = set[tuple[int, int]]()

    def begin(self, rows: Sequence[int], length: int, size: int) -> Begun:
        self.unread += 1
        self.most_unread = max(self.most_unread, self.unread)
        self.shapes.add((length, size))
        noise = 0.0 if self._exact else size / 1e6

        def outputs() -> list[tuple[np.ndarray, ...]]:
            self.unread -= 1
            return [(np.array([row + noise], np.float32),) for row in rows]

        return outputs


@given(lengths, st.booleans())
def test_outputs_come_in_the_order_of_the_rows_whatever_passes_they_were_in(sizes: list[int], exact: bool) -> None:
    device = Device(exact=exact)
    outputs = FixedPasses(device.begin, small=64, large=256).run(list(range(len(sizes))), sizes)
    assert [round(float(vector[0])) for (vector,) in outputs] == list(range(len(sizes)))
    assert device.unread == 0
    assert device.most_unread <= 2 + 1  # one more where a large pass is tried beside a small one


@given(lengths)
def test_a_large_pass_is_used_only_where_it_gives_what_a_small_one_gives(sizes: list[int]) -> None:
    passes = FixedPasses(Device(exact=False).begin, small=64, large=256)
    together = passes.run(list(range(len(sizes))), sizes)
    alone = [
        FixedPasses(Device(exact=False).begin, small=64, large=256).run([row], [size])[0]
        for row, size in enumerate(sizes)
    ]
    assert all(np.array_equal(one, other) for (one,), (other,) in zip(together, alone, strict=True))
