"""Encoded texts on disk: kept whole or not at all, and never a reason to fail."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from grader.encoders.cache import Arrays, EncodingCache

KEY = "ab" * 32
OTHER = "cd" * 32
ARRAYS: Arrays = {"vector": np.arange(4, dtype=np.float16), "pieces": np.arange(6, dtype=np.float16).reshape(3, 2)}


def same(kept: Arrays | None, arrays: Arrays) -> bool:
    return kept is not None and kept.keys() == arrays.keys() and all(np.array_equal(kept[k], arrays[k]) for k in kept)


def entry(folder: Path, key: str = KEY) -> Path:
    """The one file that an entry is kept in."""
    (path,) = folder.rglob(f"{key}*")
    return path


def test_what_is_kept_is_found(tmp_path: Path) -> None:
    cache = EncodingCache(tmp_path / "made" / "when needed")
    cache.save(KEY, ARRAYS)
    assert same(cache.load(KEY), ARRAYS)


def test_what_is_kept_outlives_the_process_that_kept_it(tmp_path: Path) -> None:
    EncodingCache(tmp_path).save(KEY, ARRAYS)
    assert same(EncodingCache(tmp_path).load(KEY), ARRAYS)


def test_an_array_of_nothing_keeps_its_shape(tmp_path: Path) -> None:
    cache = EncodingCache(tmp_path)
    nothing = {"pieces": np.zeros((0, 2), np.float16)}
    cache.save(KEY, nothing)
    assert same(cache.load(KEY), nothing)


def test_what_was_never_kept_is_absent_without_a_word(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert EncodingCache(tmp_path / "none").load(KEY) is None
    assert not caplog.records


def test_keys_do_not_mix(tmp_path: Path) -> None:
    cache = EncodingCache(tmp_path)
    cache.save(KEY, ARRAYS)
    assert cache.load(OTHER) is None


def test_keeping_again_replaces(tmp_path: Path) -> None:
    cache = EncodingCache(tmp_path)
    cache.save(KEY, ARRAYS)
    later = {"vector": np.ones(3, np.float16)}
    cache.save(KEY, later)
    assert same(cache.load(KEY), later)


def test_nothing_but_the_entry_is_left_in_the_folder(tmp_path: Path) -> None:
    EncodingCache(tmp_path).save(KEY, ARRAYS)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [entry(tmp_path)]


def test_an_entry_that_is_cut_anywhere_is_absent_and_said_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    cache = EncodingCache(tmp_path)
    cache.save(KEY, ARRAYS)
    whole = entry(tmp_path).read_bytes()
    for size in range(0, len(whole), 7):
        entry(tmp_path).write_bytes(whole[:size])
        caplog.clear()
        assert cache.load(KEY) is None
        assert "is unreadable and is made again" in caplog.text


@pytest.mark.parametrize("content", [b"", b"not an entry", b"\xff" * 64, b"\0" * 4096, b"\x02\0\0\0\0\0\0\0{}"])
def test_a_file_that_is_no_entry_is_absent(tmp_path: Path, content: bytes) -> None:
    cache = EncodingCache(tmp_path)
    cache.save(KEY, ARRAYS)
    entry(tmp_path).write_bytes(content)
    assert cache.load(KEY) is None


@pytest.mark.parametrize(
    "metadata", [None, {}, {"key": "another format"}, {"key": f"answer-grader encodings 2 {OTHER}"}, {"format": "np"}]
)
def test_an_entry_of_somebody_else_is_absent(tmp_path: Path, metadata: dict[str, str] | None) -> None:
    cache = EncodingCache(tmp_path)
    cache.save(KEY, ARRAYS)
    save_file(dict(ARRAYS), entry(tmp_path), metadata=metadata)
    assert cache.load(KEY) is None


def test_an_entry_moved_to_another_key_is_absent(tmp_path: Path) -> None:
    cache = EncodingCache(tmp_path)
    cache.save(KEY, ARRAYS)
    cache.save(OTHER, ARRAYS)
    entry(tmp_path).replace(entry(tmp_path, OTHER))
    assert cache.load(OTHER) is None


def test_an_unreadable_entry_is_made_again(tmp_path: Path) -> None:
    cache = EncodingCache(tmp_path)
    cache.save(KEY, ARRAYS)
    entry(tmp_path).write_bytes(b"damaged")
    cache.save(KEY, ARRAYS)
    assert same(cache.load(KEY), ARRAYS)


def test_a_folder_that_cannot_be_written_costs_a_warning_and_nothing_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "taken").write_text("a file in the place of the folder", encoding="utf-8")
    cache = EncodingCache(tmp_path / "taken")
    cache.save(KEY, ARRAYS)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "cannot be written" in caplog.text
    assert cache.load(KEY) is None


def test_an_entry_whose_place_is_taken_costs_a_warning_and_leaves_nothing_behind(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cache = EncodingCache(tmp_path)
    cache.save(KEY, ARRAYS)
    path = entry(tmp_path)
    path.unlink()
    path.mkdir()
    cache.save(KEY, ARRAYS)
    assert "cannot be written" in caplog.text
    assert cache.load(KEY) is None
    assert [left for left in tmp_path.rglob("*") if left.is_file()] == []


def test_writers_of_one_entry_never_show_a_reader_half_of_it(tmp_path: Path) -> None:
    values = [{"vector": np.full(5_000, number, np.float16)} for number in range(3)]
    EncodingCache(tmp_path).save(KEY, values[0])

    def write(arrays: Arrays) -> None:
        for _ in range(30):
            EncodingCache(tmp_path).save(KEY, arrays)

    def look(_: int) -> bool:
        kept = EncodingCache(tmp_path).load(KEY)
        return any(same(kept, arrays) for arrays in values)

    with ThreadPoolExecutor(4) as pool:
        writers = [pool.submit(write, arrays) for arrays in values]
        assert all(pool.map(look, range(60)))
        for writer in writers:
            writer.result()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [entry(tmp_path)]


def test_arrays_that_are_views_are_kept_as_they_read(tmp_path: Path) -> None:
    array = np.arange(12, dtype=np.float16).reshape(3, 4)
    cache = EncodingCache(tmp_path)
    cache.save("ab" * 32, {"turned": array.T, "sparse": array[::2]})
    kept = cache.load("ab" * 32)
    assert kept is not None
    assert np.array_equal(kept["turned"], array.T)
    assert np.array_equal(kept["sparse"], array[::2])


def test_an_entry_with_one_changed_byte_is_absent(tmp_path: Path) -> None:
    cache = EncodingCache(tmp_path)
    cache.save("cd" * 32, {"whole": np.ones(8, np.float16)})
    (path,) = tmp_path.rglob("*.safetensors")
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    assert cache.load("cd" * 32) is None
