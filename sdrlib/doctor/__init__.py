"""Is this machine fit? Each check says ok, warn or fail, and what to do next; its sentences are in ``doctor.toml``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sdrlib.doctor import machine, software, wishes
from sdrlib.doctor.asking import Answer, Asked, line
from sdrlib.knowledge import read
from sdrlib.words import Words

__all__ = ["CHECKS", "Answer", "Asked", "Diagnosis", "examine", "lines"]

BROKEN = "broken-check"

CHECKS: Mapping[str, Callable[[Asked], Answer]] = {
    "settings": wishes.settings,
    "python": software.python,
    "packages": software.packages,
    "kernel": software.kernel,
    "fonts": software.fonts,
    "pdf": software.pdf,
    "out": machine.out,
    "zones": machine.zones,
    "locales": machine.locales,
    "data": wishes.data,
    "privacy": wishes.privacy,
    "messages": wishes.messages,
    "clock": machine.clock,
    "memory": machine.memory,
}


@dataclass(frozen=True)
class Diagnosis:
    """One check with its answer in one language; ``next`` is empty where all is well."""

    check: str
    name: str
    state: Literal["ok", "warn", "fail"]
    found: str
    next: str


def examine(
    asked: Asked, words: Words, checks: Mapping[str, Callable[[Asked], Answer]] | None = None
) -> list[Diagnosis]:
    """Every check, in the order of the table; one that breaks is told as a failure of its own.

    Args:
        asked: What the machine is to be fit for.
        words: The language of the answers.
        checks: By name; None is all of them.
    """
    return [_told(name, _answer(check, asked), words) for name, check in (checks or CHECKS).items()]


def _answer(check: Callable[[Asked], Answer], asked: Asked) -> Answer:
    try:
        return check(asked)
    except Exception as error:  # the others go on
        return Answer(BROKEN, {"error": f"{type(error).__name__}: {line(error)}"})


def _told(name: str, answer: Answer, words: Words) -> Diagnosis:
    known = read("doctor")[name]
    said = read("doctor")[BROKEN] if answer.code == BROKEN else known[answer.code]
    found, follows = (
        words.text(said[part]).format(**answer.values) if part in said else "" for part in ("found", "next")
    )
    return Diagnosis(name, words.text(known["name"]), said["state"], found, follows)


def lines(found: Sequence[Diagnosis]) -> Iterator[str]:
    """The answers for a terminal: state, check, what was found, and below it what to do next."""
    width = max(len(d.name) for d in found)
    for d in found:
        yield f"{d.state:<5} {d.name:<{width}}  {d.found}"
        if d.next:
            yield f"{'':<5} {'':<{width}}  → {d.next}"
