"""What grades a batch here: this process, or a Ray cluster; and what its grades depend on."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, redirect_stdout
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated

import typer

from grader.errors import ExtraMissing

if TYPE_CHECKING:
    from grader.bank.library import Library
    from grader.batch.job import Engine
    from grader.settings import Settings


class EngineName(StrEnum):
    """The engines by name."""

    LOCAL = "local"
    RAY = "ray"


WhichEngine = Annotated[
    EngineName,
    typer.Option("--engine", envvar="GRADER_ENGINE", help="What grades: this process, or the processes of a cluster."),
]
Address = Annotated[
    str | None,
    typer.Option(
        metavar="HOST:PORT",
        envvar="GRADER_ADDRESS",
        help="The Ray cluster; auto is the one that this machine belongs to. Default: one of this machine alone.",
    ),
]
CoresPerActor = Annotated[
    int | None,
    typer.Option(envvar="GRADER_CORES_PER_ACTOR", min=1, help="Cores for each process of the cluster. Default: 1."),
]
ActorsPerGpu = Annotated[
    int | None,
    typer.Option(envvar="GRADER_ACTORS_PER_GPU", min=1, help="Processes that share a GPU. Default: 1."),
]


@dataclass(frozen=True, slots=True)
class OnCluster:
    """Which cluster, and how it is divided."""

    address: str | None
    cores_per_actor: int
    actors_per_gpu: int


@dataclass(frozen=True, slots=True)
class Chosen:
    """An engine, and what its grades depend on, in words that name it."""

    engine: Engine
    graded_by: dict[str, object]


def cluster_of(
    chosen: Settings, engine: EngineName, address: str | None, cores_per_actor: int | None, actors_per_gpu: int | None
) -> OnCluster | None:
    """The cluster that the options ask for; None for this process.

    Raises:
        typer.BadParameter: a cluster's option is given and no cluster is asked for, or one that no cluster has.
        ExtraMissing: Ray is not installed.
    """
    given = {"address": address, "cores-per-actor": cores_per_actor, "actors-per-gpu": actors_per_gpu}
    if engine is EngineName.LOCAL:
        for option, value in given.items():
            if value is not None:
                raise typer.BadParameter("works with --engine ray only", param_hint=f"--{option}")
        return None
    if find_spec("ray") is None:
        raise ExtraMissing("ray", "ray")
    if chosen.judge_mode != "off":
        told = "works with --engine local only: what is spent is counted in one process"
        raise typer.BadParameter(told, param_hint="--judge-mode")
    return OnCluster(address, cores_per_actor or 1, actors_per_gpu or 1)


def chosen_engine(chosen: Settings, library: Library, cluster: OnCluster | None) -> AbstractContextManager[Chosen]:
    """The engine, for as long as it is needed.

    Raises:
        ModelError, DeviceUnavailable, CalibrationError, RemoteJudgeError: as for `load_grader` and `remote_judge`.
        ClusterError: the cluster cannot be reached, or cannot grade.
    """
    return _here(chosen, library) if cluster is None else _there(chosen, library, cluster)


@contextmanager
def _here(chosen: Settings, library: Library) -> Iterator[Chosen]:
    from grader.batch.job import local_engine
    from grader.cli.judging import told as told_of_judging
    from grader.loading import load_grader, remote_judge

    remote = remote_judge(chosen)
    grader = load_grader(chosen, library, remote)
    judged_by = {} if remote is None else {"remote_judge": remote.identity, "judge_mode": chosen.judge_mode}
    yield Chosen(local_engine(grader), {**grader.models.named, **judged_by})
    if remote is not None:
        typer.echo(told_of_judging(remote.tally()), err=True)


@contextmanager
def _there(chosen: Settings, library: Library, cluster: OnCluster) -> Iterator[Chosen]:
    from grader.batch.cluster.connection import connected, machines
    from grader.batch.cluster.engine import ask_identity, cluster_engine
    from grader.batch.cluster.share import share
    from grader.loading import load_grader

    make = partial(load_grader, chosen, library)
    with redirect_stdout(sys.stderr), connected(cluster.address):  # what Ray tells of its processes is no table
        found = machines()
        each = share(found, chosen.device, cluster.cores_per_actor, cluster.actors_per_gpu)
        typer.echo(f"machines: {len(found):,}, processes that grade: {each.fit(found):,}", err=True)
        identity = ask_identity(make, each)
        yield Chosen(cluster_engine(make, each, identity), dict(identity.models))
