"""Hand-written values and implementations of protocols that tests share."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from grader.bank.question import Bank, Criterion, Exemplar, Misconception, Question
from grader.encoders.protocol import Floats, Pair
from grader.grade import Verdict
from grader.llm.opinion import Case, Heard

DROPOUT = Question(
    id="tiny-1",
    question="What is dropout?",
    references=("Dropout deactivates random neurons during training. It reduces overfitting.",),
    criteria=(
        Criterion(
            id="deactivates",
            statement="Dropout deactivates random neurons during training.",
            weight=2,
            keywords=(("deactivate", "switch off", "turn off", "disable", "drop"), ("neuron", "unit")),
            hint="What happens to the neurons?",
        ),
        Criterion(
            id="less-overfitting",
            statement="Dropout reduces overfitting.",
            weight=1,
            keywords=(("overfitting", "generalize", "overfit"),),
            hint="What is it good for?",
        ),
    ),
    misconceptions=(
        Misconception(
            id="at-test-time",
            statement="Dropout deactivates neurons when the network is tested.",
            keywords=(("test", "inference"), ("deactivate", "switch off", "drop")),
            contradicts=("deactivates",),
            cap=0.25,
            hint="When is it used?",
        ),
    ),
    exemplars=(
        Exemplar(
            kind="complete",
            score=1.0,
            answer="It disables random units in training, so the network generalizes better.",
            verdicts={"deactivates": Verdict.MET, "less-overfitting": Verdict.MET},
        ),
    ),
)

PLANETS = Question(
    id="tiny-2",
    question="Name two planets.",
    references=("Mars, Venus and Saturn are planets.",),
    at_least=2,
    criteria=tuple(
        Criterion(id=name.lower(), statement=f"{name} is a planet.", elective=True, keywords=((name.lower(),),))
        for name in ("Mars", "Venus", "Saturn")
    ),
)

DROPOUT_BANK = Bank(bank="tiny", title="A tiny bank", questions=(DROPOUT, PLANETS))

SAID, OPEN, CONTRADICTED = (0.98, 0.01, 0.01), (0.02, 0.96, 0.02), (0.01, 0.01, 0.98)


class ScriptedJudge:
    """Finds that a text contradicts, or says, a statement where it holds the words that the script names for it.

    Only statements that hold the words `about`; the others it leaves open.
    """

    identity = "scripted"

    def __init__(self, says: str = "", contradicts: str = "", about: str = "") -> None:
        self.says, self.contradicts, self.about = says, contradicts, about
        self.asked: list[Pair] = []

    def judge(self, pairs: Sequence[Pair]) -> Floats:
        self.asked.extend(pairs)
        found = [self._outcome(text) if self.about in statement else OPEN for statement, text in pairs]
        return np.array(found, np.float32).reshape(len(pairs), 3)

    def _outcome(self, text: str) -> tuple[float, float, float]:
        if self.contradicts and self.contradicts in text:
            return CONTRADICTED
        return SAID if self.says and self.says in text else OPEN


class ScriptedRemote:
    """A language model that says of every answer what the script says: an opinion, or why there is none."""

    identity = "scripted-model prompt-0"

    def __init__(self, says: Callable[[Case], Heard]) -> None:
        self.says = says
        self.asked: list[Case] = []

    def opinions(self, cases: Sequence[Case]) -> list[Heard]:
        self.asked.extend(cases)
        return [self.says(case) for case in cases]
