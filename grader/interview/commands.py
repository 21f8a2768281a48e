"""What a candidate may say that is no answer. A message is a command when it is nothing else."""

from __future__ import annotations

import re
from enum import StrEnum


class Command(StrEnum):
    """What a candidate may ask of the interviewer."""

    HINT = "hint"
    REPEAT = "repeat"
    SKIP = "skip"
    STOP = "stop"
    HELP = "help"
    ASK = "ask"  # a question back, which an interviewer that only grades cannot answer


_SAID = {
    Command.HINT: "hint|a hint|give me a hint|another hint|can i have a hint|can you give me a hint|clue|a clue",
    Command.REPEAT: (
        "repeat|repeat that|repeat the question|what was the question|pardon|come again|say that again|"
        "hello|hello there|hi|hi there|hey|ok|okay|thanks|thank you|ready|i'm ready|start|begin|go|go on|continue"
    ),
    Command.SKIP: (
        "skip|skip it|skip this|skip this one|skip that|pass|next|next question|i don't know|i dont know|don't know|"
        "dont know|i do not know|i don't know that|i don't know this|i don't know this one|i don't remember|no idea|"
        "i have no idea|i've no idea|not sure|i'm not sure|no clue|i have no clue|idk|i give up"
    ),
    Command.STOP: "stop|stop it|quit|exit|finish|end|bye|goodbye|i want to stop|let's stop|summary|that's all|enough",
    Command.HELP: "help|commands|what can i say|how does this work",
    Command.ASK: "tell me|tell me the answer|show me the answer|give me the answer|explain|explain it",
}
_BY_WORDS = {words: command for command, said in _SAID.items() for words in said.split("|")}
_FILLERS = frozenset("please sorry well um uh hm hmm just really honestly then so sir".split())
_ASKS = re.compile(
    r"(what|why|how|who|which|where|when|(can|could|do|would|will|are|did|have) you|"
    r"(can|could|may|am|did|was|should) i|"
    r"(is|was) (that|this|it) (right|correct|wrong|enough|true|ok|okay))\b[^.!?\n]*\?"
)


def command_of(text: str) -> Command | None:
    """The command that a message is; None for an answer.

    Case, a leading slash, punctuation and words such as "please" do not matter. One sentence that asks is a question
    back, as no answer begins with "what" and ends with a question mark; one that says something first is an answer.
    """
    said = " ".join(text.casefold().replace("’", "'").split())
    words = re.sub(r"[,;:.!?…]", " ", said.removeprefix("/")).split()
    if not words:
        return Command.HELP if said == "?" else None
    known = _BY_WORDS.get(" ".join(words)) or _BY_WORDS.get(_plain(words))
    return known or (Command.ASK if _ASKS.fullmatch(_plain(said.split())) else None)


def _plain(words: list[str]) -> str:
    return " ".join(word for word in words if word.strip(",") not in _FILLERS)
