"""Ways to put sentences together: to deny one, to take one back, to turn from one to another."""

from __future__ import annotations

import random

_DENY = (
    "It is wrong to say that {said}.",
    "I do not believe that {said}.",
    "{Said} No, that is not right.",
    "{Said} Hmm, actually that is incorrect, forget it.",
    "Some claim that {said}, which is false.",
    "The idea that {said} is a myth.",
    "Contrary to what many write, it is not the case that {said}.",
    "{Said} I take that back, the opposite is true.",
    "Nobody should think that {said}.",
    "It would be a mistake to state that {said}.",
    "{Said} At least that is what people say, and they are mistaken.",
    "It is simply untrue that {said}.",
    "One cannot say that {said}.",
    "{Said} Wait, I mixed it up: that is not how it works.",
)
_TURN = (
    "Many think that {left}, but in fact {said}.",
    "It is tempting to say that {left}. In truth, {said}.",
    "Not because {left}; rather {said}.",
    "{Left} Correction: {Said}",
    "{Left} Sorry, wrong. {Said}",
    "Do not be fooled by the claim that {left}: {said}.",
    "{Left} No, sorry, the other way: {Said}",
    "I first thought that {left}, but really {said}.",
    "Some say {left}. I say {said}.",
)


def deny(sentence: str, chance: random.Random) -> str:
    """A text that says the sentence only to deny it."""
    return chance.choice(_DENY).format(said=inner(sentence), Said=ended(sentence))


def turn(left: str, said: str, chance: random.Random) -> str:
    """A text that leaves one sentence behind and says another."""
    return chance.choice(_TURN).format(left=inner(left), Left=ended(left), said=inner(said), Said=ended(said))


def ended(sentence: str) -> str:
    """The sentence with a mark at its end."""
    stripped = sentence.rstrip()
    return stripped if stripped.endswith((".", "!", "?")) else f"{stripped}."


def bare(sentence: str) -> str:
    """The sentence without the mark at its end."""
    return sentence.rstrip().rstrip(".!")


def inner(sentence: str) -> str:
    """The sentence as it stands within another one: ReLU keeps its capitals, an ordinary first word does not."""
    told = bare(sentence)
    return told[0].lower() + told[1:] if len(told) > 1 and told[1].islower() else told


def shuffled(sentence: str, chance: random.Random) -> str:
    """Its words in another order, which claim nothing."""
    words = bare(sentence).split()
    chance.shuffle(words)
    return " ".join(words)


def listed(sentence: str, chance: random.Random) -> str:
    """Its longer words as a list, bare or in a sentence, which claims nothing."""
    every = [word.strip(".,;:()") for word in bare(sentence).split()]
    words = [word for word in every if len(word) > 4] or every
    chance.shuffle(words)
    if len(words) > 1 and chance.random() < 0.5:
        return f"It is all about {', '.join(words[:-1])} and {words[-1]}."
    return ", ".join(words)
