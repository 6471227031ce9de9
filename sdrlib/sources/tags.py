"""A label in one column or another: tags of reps stand before the tool's own word where a mapping knows them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import ibis

from sdrlib.errors import Problem
from sdrlib.sources.dialect import clean
from sdrlib.sources.examples import short
from sdrlib.sources.fold import fold_label

_BETWEEN = r"\s*[,;|]\s*"


def known_labels(words: Iterable[str], labels: Mapping[str, Any]) -> frozenset[str]:
    """A column's words and every label that they have, folded; of outcomes those of all channels."""
    groups = [ls for v in labels.values() for ls in (v.values() if isinstance(v, Mapping) else [v])]
    return frozenset(fold_label(label) for ls in [words, *groups] for label in ls) - {""}


def first_known(cells: Sequence[ibis.Value], labels: frozenset[str]) -> ibis.Value:
    """In each row the first label of these cells that is known; the last cell counts as it is.

    Args:
        cells: A cell may hold several labels with commas, semicolons or bars between them.
        labels: Folded labels.
    """
    *tags, last = [clean(cell.cast(str)) for cell in cells]
    return ibis.coalesce(*(_parts(tag).filter(lambda t: _fold(t).isin(labels))[0] for tag in tags), last)


def unread(rows: ibis.Table, tag: ibis.Value, labels: frozenset[str]) -> Counter[str]:
    """The labels of a column of tags that nobody mapped, with the rows that have them."""
    every = rows.select(tag=_parts(clean(tag.cast(str)))).filter(ibis._.tag.notnull()).select(tag=ibis._.tag.unnest())
    rest = every.filter(~_fold(every.tag).isin(labels)).group_by("tag").agg(n=ibis._.count()).execute()
    return Counter({str(row.tag): int(row.n) for row in rest.itertuples()})


def told(table: str, column: str, counted: Counter[str]) -> Iterator[Problem]:
    """A note of unmapped tags with the line to add."""
    if counted:
        most = counted.most_common(20)
        quoted = ", ".join('"' + label.replace("\\", "\\\\").replace('"', '\\"') + '"' for label, _ in most)
        values = {"line": f"[{table}.labels.{column}]\nWORD_FROM_THE_LIST = [{quoted}]"}
        shown = tuple(f"{short(label)} ({n})" for label, n in most[:5])
        yield Problem("unread-tags", table, column, sum(counted.values()), shown, values)


def _parts(cell: ibis.Value) -> ibis.Value:
    return cell.re_split(_BETWEEN)


def _fold(text: ibis.Value) -> ibis.Value:
    return text.lower().re_replace(r"[\s_-]+", " ").strip()
