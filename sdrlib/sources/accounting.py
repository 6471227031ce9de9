"""Rows that no selection takes: a new kind of activity in an export must not vanish unseen."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

import ibis

from sdrlib.errors import Problem
from sdrlib.sources.convert import clean
from sdrlib.sources.examples import short
from sdrlib.sources.mapping_form import Selection
from sdrlib.sources.reading import Raw
from sdrlib.sources.selection import predicate


def left_out(raws: Mapping[str, Raw], selections: Sequence[Selection]) -> Iterator[Problem]:
    """One warning per file that is chosen from by value and has rows that no value names.

    Lists of distinct things (reps out of activities) do not count: they take no row away from the others.
    """
    by_file: dict[str, list[Selection]] = defaultdict(list)
    for selection in selections:
        if not selection.distinct and selection.origin in raws:
            by_file[selection.origin].append(selection)
    for origin, chosen in by_file.items():
        raw = raws[origin]
        taken = [predicate(raw, selection, raw.table) for selection in chosen]
        if all(part is not None for part in taken):
            yield from _rest(raw, chosen, raw.table.filter(~ibis.or_(*taken)))


def _rest(raw: Raw, chosen: Sequence[Selection], rest: ibis.Table) -> Iterator[Problem]:
    used = Counter(c for selection in chosen for condition in selection.where for c in condition.column)
    column = next(c for c, _ in used.most_common() if raw.position(c) is not None)
    counted = rest.group_by(value=clean(rest[f"c{raw.position(column)}"].cast(str)).fill_null("")).agg(n=ibis._.count())
    found = counted.order_by(ibis.desc("n"), "value").execute()
    if len(found):
        shown = tuple(f"{short(v) or '–'} ({n})" for v, n in zip(found["value"][:5], found["n"][:5], strict=True))
        yield Problem("unselected-rows", raw.name, column, int(found["n"].sum()), shown)
