"""How many processes a cluster has room for."""

from __future__ import annotations

import pytest

from grader.batch.cluster.share import Share, share
from grader.errors import EngineError

SMALL = {"CPU": 7.0, "memory": 1e9}
LARGE = {"CPU": 16.0, "GPU": 2.0}


@pytest.mark.parametrize(
    ("wanted", "machines", "count"),
    [
        (Share(1), [SMALL], 7),
        (Share(2), [SMALL, SMALL], 6),
        (Share(8), [SMALL], 0),
        (Share(1), [], 0),
        (Share(1, gpu=1), [SMALL, LARGE], 2),
        (Share(1, gpu=1 / 3), [LARGE], 6),
        (Share(4, gpu=1 / 8), [LARGE], 4),
    ],
)
def test_processes_fit_as_cores_and_gpus_allow(wanted: Share, machines: list[dict[str, float]], count: int) -> None:
    assert wanted.fit(machines) == count


def test_a_gpu_is_used_where_there_is_one_and_it_is_not_refused() -> None:
    assert share([SMALL, LARGE], "auto", cores=2, per_gpu=4) == Share(2, gpu=0.25)
    assert share([SMALL, LARGE], "cpu", cores=2, per_gpu=4) == Share(2)
    assert share([SMALL], "auto", cores=2, per_gpu=4) == Share(2)


def test_what_the_machines_do_not_have_is_told() -> None:
    with pytest.raises(EngineError, match="no machine of the cluster has a GPU"):
        share([SMALL], "cuda", cores=1, per_gpu=1)
    with pytest.raises(EngineError, match="no machine of the cluster has 8 cores for a process: the largest has 7"):
        share([SMALL, SMALL], "auto", cores=8, per_gpu=1)
