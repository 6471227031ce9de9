"""Rows that no selection takes: a new kind of activity in an export must not vanish unseen."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import ibis

from sdrlib.errors import Problem
from sdrlib.sources.dialect import clean
from sdrlib.sources.examples import short
from sdrlib.sources.mapping_form import Condition, Selection
from sdrlib.sources.reading import Raw
from sdrlib.sources.selection import left_knowingly, predicate


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
        if any(part is None for part in taken):
            continue
        rest = raw.table.filter(~ibis.or_(*taken))
        dropped = [d for s in chosen if (d := left_knowingly(raw, s, rest)) is not None]
        on_purpose = ibis.or_(*dropped) if dropped else ibis.literal(False)
        yield from _told(raw, "left-out-rows", (s.unless for s in chosen), rest.filter(on_purpose))
        yield from _told(raw, "unselected-rows", (s.where for s in chosen), rest.filter(~on_purpose))


def _told(raw: Raw, code: str, conditions: Iterable[Sequence[Condition]], rest: ibis.Table) -> Iterator[Problem]:
    used = Counter(c for several in conditions for condition in several for c in condition.column)
    column = next((c for c, _ in used.most_common() if raw.position(c) is not None), "")
    if not column:
        return
    counted = rest.group_by(value=clean(rest[f"c{raw.position(column)}"].cast(str)).fill_null("")).agg(n=ibis._.count())
    found = counted.order_by(ibis.desc("n"), "value").execute()
    if len(found):
        shown = tuple(f"{short(v) or '–'} ({n})" for v, n in zip(found["value"][:5], found["n"][:5], strict=True))
        yield Problem(code, raw.name, column, int(found["n"].sum()), shown)
