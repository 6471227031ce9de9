"""The first sentences of the index: with whom there is something to talk about, and what the manager settles alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from sdrlib.publish.markup import Markup, el
from sdrlib.publish.sentences import quiet
from sdrlib.records import Advice, Rendered
from sdrlib.records.specific import specific
from sdrlib.words import Words

NAMED = 8
"""So many names are read; of more, the rest are found by what the rows are chosen by."""

Link = Callable[[Rendered, Words], Markup | str]


def first(made: Sequence[Rendered], advice: Mapping[str, Advice], link: Link, words: Words) -> Markup | None:
    """Whom to see about what, by name, in the order of the rows; None where nobody has a report.

    Args:
        made: The reports that were made, one of each person, in alphabetical order.
        advice: rep_id -> what the report says.
        link: A person's name, leading to the report.
        words: The language.
    """
    told = [(r, advice[r.rep_id]) for r in made if r.rep_id in advice]
    if not told:
        return None
    focused = [_named(r, [a.focus.measure], link, words) for r, a in told if a.focus]
    listed = [_named(r, specific(a.list_issues), link, words) for r, a in told if a.list_issues]
    lines = [_talks(focused, [a for _, a in told], words)]
    if listed:
        lines.append(_line(words.say("Lists for you to look at"), listed, words))
    return el("div", *lines, class_="lead")


def _talks(focused: Sequence[Markup], advice: Sequence[Advice], words: Words) -> Markup:
    if not focused:
        return el("p", quiet(advice, words))
    return _line(words.say("To talk about this week"), focused, words)


def _line(title: str, people: Sequence[Markup], words: Words) -> Markup:
    return el("p", words.say("{where}: {what}", where=title, what=""), *_parted(people, words))


def _named(rendered: Rendered, measures: Iterable[str], link: Link, words: Words) -> Markup:
    return el("span", link(rendered, words), f" ({words.listed([words.measure(m) for m in measures])})")


def _parted(people: Sequence[Markup], words: Words) -> list[Markup | str]:
    shown = [part for person in people[:NAMED] for part in (" · ", person)][1:]
    rest = len(people) - NAMED
    more = words.many(
        " · and {number} more, listed below", " · and {number} more, listed below", rest, number=words.count(rest)
    )
    return [*shown, more if rest > 0 else ""]
