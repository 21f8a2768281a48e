"""What a candidate may say that is no answer. A message is a command when it is nothing else."""

from __future__ import annotations

from enum import StrEnum


class Command(StrEnum):
    """What a candidate may ask of the interviewer."""

    HINT = "hint"
    REPEAT = "repeat"
    SKIP = "skip"
    STOP = "stop"
    HELP = "help"


_SAID = {
    Command.HINT: "hint|a hint|hint please|a hint please|give me a hint|another hint|clue",
    Command.REPEAT: "repeat|repeat please|repeat the question|please repeat|what was the question|pardon|come again",
    Command.SKIP: (
        "skip|skip it|skip this|skip please|pass|next|next question|next please|i don't know|i dont know|don't know|"
        "dont know|i do not know|no idea|i have no idea|not sure|i'm not sure|no clue|idk"
    ),
    Command.STOP: "stop|stop it|stop please|quit|exit|finish|bye|goodbye|i want to stop|summary|that's all|enough",
    Command.HELP: "help|commands|what can i say",
}
_BY_WORDS = {words: command for command, said in _SAID.items() for words in said.split("|")}


def command_of(text: str) -> Command | None:
    """The command that a message is; None for an answer. Case, a leading slash and punctuation do not matter."""
    plain = " ".join(text.casefold().replace("’", "'").split()).strip(" .,!?…").removeprefix("/")
    return Command.HELP if text.strip() == "?" else _BY_WORDS.get(plain)
