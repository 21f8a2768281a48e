"""What grades a batch here: this process, several, or a Ray cluster; and what its grades depend on."""

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


_SPENT = "what is spent is counted in one process"


# Different answers that a process grades at a time: many encode faster together, fewer are sooner kept. With the
# judge an answer takes five times as long.
_AT_ONCE, _AT_ONCE_JUDGED = 512, 256


class EngineName(StrEnum):
    """The engines by name."""

    LOCAL = "local"
    RAY = "ray"


WhichEngine = Annotated[
    EngineName,
    typer.Option("--engine", envvar="GRADER_ENGINE", help="What grades: this machine, or the processes of a cluster."),
]
ProcessCount = Annotated[
    int | None,
    typer.Option(
        "--processes",
        envvar="GRADER_PROCESSES",
        min=1,
        max=256,
        help="Processes that grade here, each with up to a gigabyte. Default: 1.",
    ),
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
class Here:
    """This machine, with so many processes."""

    processes: int


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


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """What the options say of the engine; None where one is not given."""

    engine: EngineName
    processes: int | None
    address: str | None
    cores_per_actor: int | None
    actors_per_gpu: int | None


def place_of(chosen: Settings, options: EngineOptions) -> Here | OnCluster:
    """Where the options have the grading done.

    Raises:
        typer.BadParameter: an option is given that the engine does not have.
        ExtraMissing: Ray is not installed.
    """
    given: dict[EngineName, dict[str, str | int | None]] = {
        EngineName.LOCAL: {"processes": options.processes},
        EngineName.RAY: {
            "address": options.address,
            "cores-per-actor": options.cores_per_actor,
            "actors-per-gpu": options.actors_per_gpu,
        },
    }
    for engine, values in given.items():
        for option, value in values.items():
            if value is not None and engine is not options.engine:
                raise typer.BadParameter(f"works with --engine {engine} only", param_hint=f"--{option}")
    if options.engine is EngineName.LOCAL:
        if chosen.judge_mode != "off" and (options.processes or 1) > 1:
            raise typer.BadParameter("works with --processes 1 only: " + _SPENT, param_hint="--judge-mode")
        return Here(options.processes or 1)
    if find_spec("ray") is None:
        raise ExtraMissing("ray", "ray")
    if chosen.judge_mode != "off":
        raise typer.BadParameter("works with --engine local only: " + _SPENT, param_hint="--judge-mode")
    return OnCluster(options.address, options.cores_per_actor or 1, options.actors_per_gpu or 1)


def chosen_engine(chosen: Settings, library: Library, place: Here | OnCluster) -> AbstractContextManager[Chosen]:
    """The engine, for as long as it is needed.

    Raises:
        ModelError, DeviceUnavailable, CalibrationError, RemoteJudgeError: as for `load_grader` and `remote_judge`.
        EngineError: the same in other processes, or these cannot be begun, or their cluster is not reached.
    """
    if isinstance(place, OnCluster):
        return _there(chosen, library, place)
    if place.processes > 1:
        return _in_processes(chosen, library, place.processes)
    return _here(chosen, library)


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
def _in_processes(chosen: Settings, library: Library, count: int) -> Iterator[Chosen]:
    from grader.batch.processes import started
    from grader.loading import load_grader

    with started(partial(load_grader, chosen, library), count) as processes:
        different = _AT_ONCE if chosen.judge == "off" else _AT_ONCE_JUDGED
        yield Chosen(processes.engine(different), dict(processes.identity.models))


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
