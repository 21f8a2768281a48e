"""Fixtures that several rooms of tests share."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes import DROPOUT_BANK
from hypothesis import settings

from grader.bank.library import Library, load_library
from grader.bank.loader import load_bank
from grader.bank.question import Bank
from grader.encoders.cache import EncodingCache
from grader.encoders.hashing import HashingEncoder
from grader.grading import Grader
from grader.rooms import rubrics_folder

# The same examples in every run, and no deadline: the first use of a dictionary takes seconds.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")

CHECKOUT = Path(__file__).resolve().parent.parent
SHARED = CHECKOUT.parent / "shared"


@pytest.fixture(scope="session")
def checkout() -> Path:
    return CHECKOUT


@pytest.fixture(scope="session")
def shared() -> Path:
    if not SHARED.is_dir():
        pytest.skip("the marked data and documents are not beside this checkout")
    return SHARED


@pytest.fixture(scope="session")
def ds25() -> Bank:
    return load_bank(rubrics_folder() / "ds25.yaml")


@pytest.fixture(scope="session")
def library() -> Library:
    return load_library()


@pytest.fixture(scope="session")
def dropout_grader() -> Grader:
    """A small bank graded with the hashing encoder: no model, no cache."""
    return Grader(Library([DROPOUT_BANK]), HashingEncoder())


@pytest.fixture(scope="session")
def real_grader(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Grader:
    """Every bank graded with the real model, encoded into a cache of its own."""
    from grader.encoders.sentence import load_encoder  # noqa: PLC0415 (torch takes seconds, and few tests need it)

    return Grader(
        library,
        load_encoder("all-MiniLM-L6-v2", "cpu", "auto"),
        cache=EncodingCache(tmp_path_factory.mktemp("encodings")),
    )


@pytest.fixture(scope="session")
def judged_grader(real_grader: Grader) -> Grader:
    """The same with the default judge: what `grader grade` grades with."""
    from grader.encoders.judge import load_judge  # noqa: PLC0415 (the same)

    return Grader(real_grader.library, real_grader.encoder, load_judge("claims-3", "cpu", "auto"))
