"""What became of every row: kept, or listed with a reason. A new kind of activity must not vanish unseen."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import ibis

from sdrlib.errors import Problem
from sdrlib.sources.dialect import clean
from sdrlib.sources.examples import short
from sdrlib.sources.mapping_form import Condition, Selection
from sdrlib.sources.reading import Desk, Raw
from sdrlib.sources.selection import left_knowingly, predicate


def settle(desk: Desk, raw: Raw, made: Sequence[tuple[Selection, ibis.Table]]) -> None:
    """Write down beside a file how many of its rows were kept and which problems list the others.

    The rows that selections should have taken are counted in the file, those that they took in what was made of them:
    where the two differ, or rows read are more than rows kept and listed, the kit itself has lost or doubled some,
    and that is a problem which stops.

    Args:
        desk: Its files are completed.
        raw: The file.
        made: Each selection of this file that could be made, with its rows. Without any, other selections joined it
            or nothing could be made; lists of distinct things take no row away and bring none.
    """
    place = next((i for i in reversed(range(len(desk.files))) if desk.files[i].name == raw.name), None)
    if place is None or desk.files[place].kept is not None:
        return
    file, own = desk.files[place], [(s, rows) for s, rows in made if not s.is_list]
    asked, wrong = _asked(raw, [s for s, _ in own]), 0
    counted = raw.table.aggregate(**asked).execute().iloc[0].fillna(0).astype(int)
    for i, (_, rows) in enumerate(own):
        wrong += abs(int(rows.count().execute()) - counted[f"taken{i}"])
    rest = {"left-out-rows": counted["left"], "unselected-rows": counted["all"] - counted["kept"] - counted["left"]}
    dropped = (*file.dropped, *((code, int(rows)) for code, rows in rest.items() if rows))
    settled = file._replace(dropped=dropped, kept=int(counted["kept"]))
    desk.files[place] = settled
    if wrong or not settled.balanced:
        values = {"read": str(file.rows), "kept": str(settled.kept), "listed": str(sum(n for _, n in dropped))}
        desk.problems.append(Problem("unaccounted-rows", raw.name, "", int(wrong) or file.rows, values=values))


def _asked(raw: Raw, chosen: Sequence[Selection]) -> dict[str, ibis.Value]:
    """All rows; those that each selection should take; those that any takes; those that are left out on purpose."""
    everything = ibis.literal(True)
    taken = [everything if (p := predicate(raw, s, raw.table)) is None else p for s in chosen]
    kept = ibis.or_(*taken) if taken else everything
    left = [p for s in chosen if (p := left_knowingly(raw, s, raw.table)) is not None]
    on_purpose = ~kept & ibis.or_(*left) if left else ibis.literal(False)
    sums = {f"taken{i}": raw.table.count(where=p) for i, p in enumerate(taken)}
    return {
        "all": raw.table.count(),
        "kept": raw.table.count(where=kept),
        "left": raw.table.count(where=on_purpose),
        **sums,
    }


def left_out(raws: Mapping[str, Raw], selections: Sequence[Selection]) -> Iterator[Problem]:
    """One warning per file that is chosen from by value and has rows that no value names.

    Lists of distinct things (reps out of activities) do not count: they take no row away from the others.
    """
    by_file: dict[str, list[Selection]] = defaultdict(list)
    for selection in selections:
        if not selection.is_list and selection.origin in raws:
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
