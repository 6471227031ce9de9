"""Finding a row of the index without a script: letters that lead to a name, choices that the page's style obeys."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from sdrlib.publish.markup import Markup, el
from sdrlib.records import Advice
from sdrlib.typography import alphabetical
from sdrlib.words import MISSING, Words

LETTERS_FROM = 15
"""So many reports are looked through at a glance; more get letters to jump to."""

STATES = ("focus", "lists", "keep", "nothing")
"""What a report may say; the style sheet has a rule for each."""


def states(advice: Advice | None) -> list[str]:
    """What a report says, for a row's ``data-says``; nothing where there is no advice."""
    if advice is None:
        return []
    said = {"focus": advice.focus, "lists": advice.list_issues, "keep": advice.keep or advice.own_rhythm}
    found = [state for state, there in said.items() if there]
    return found or ["nothing"]


def team_numbers(teams: Mapping[str, str]) -> dict[str, int]:
    """Team -> its number, for a row's ``data-team``: a name might mean something in a style."""
    return {team: number for number, team in enumerate(sorted(set(teams.values())))}


def filters(
    said: Sequence[Sequence[str]], teams: Sequence[str], numbers: Mapping[str, int], words: Words
) -> Markup | None:
    """The choices, each with how many rows it leaves; None where there is nothing to choose.

    Args:
        said: Row by row, what the report says (``states``).
        teams: Row by row, the team; empty where there is one team only.
        numbers: As ``team_numbers`` gives them.
        words: The language.
    """
    names = {
        "focus": words.say("something to work on"),
        "lists": words.say("lists, for the manager"),
        "keep": words.say("something to keep"),
        "nothing": words.say("nothing established"),
    }
    counted = Counter(state for states in said for state in states)
    shown = [(state, names[state], counted[state]) for state in STATES if 0 < counted[state] < len(said)]
    sizes = Counter(teams)
    grouped = [(str(numbers[team]), team, sizes[team]) for team in numbers if sizes[team]]
    parts = (
        _choice("says", words.say("Show"), shown, len(said), words),
        _choice("team", words.say("Team"), grouped if len(grouped) > 1 else [], len(said), words),
    )
    chosen = [part for part in parts if part]
    return el("div", *chosen, _rules(len(grouped)), class_="filters") if chosen else None


def _choice(name: str, legend: str, options: Sequence[tuple[str, str, int]], whole: int, words: Words) -> Markup | None:
    if not options:
        return None
    told = [("all", words.say("all"), whole), *options]
    inputs = (
        el(
            "label",
            el("input", type="radio", name=name, id=f"{name}-{key}", checked="" if key == "all" else None),
            f" {label} ({words.count(number)})",
        )
        for key, label, number in told
    )
    return el("fieldset", el("legend", legend), *inputs)


def _rules(teams: int) -> Markup | None:
    """One rule a team, by number."""
    rules = (f'.index:has(#team-{i}:checked) tbody tr:not([data-team="{i}"])' for i in range(teams))
    return el("style", Markup(", ".join(rules) + " { display: none; }")) if teams > 1 else None


def first_letters(people: Sequence[tuple[str, str]]) -> dict[str, str]:
    """First letter -> the rep whose row it leads to, in the order of the rows, each a name and an id."""
    letters: dict[str, str] = {}
    for name, rep in people:
        letters.setdefault(alphabetical(name)[:1].upper(), rep)
    return letters


def jump(letters: Mapping[str, str], words: Words) -> Markup:
    """Links to the first row of each letter."""
    links = (el("a", letter or MISSING, href=f"#at-{i}") for i, letter in enumerate(letters))
    told = words.say("To find a name: its letter, or Ctrl+F (⌘F on a Mac).")
    return el(
        "nav", el("p", *links, class_="letters"), el("p", told, class_="about"), aria_label=words.say("By letter")
    )
