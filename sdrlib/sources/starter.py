"""A first mapping for an export nobody has described yet: best guesses, the labels found, and what is still to say."""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from sdrlib import knowledge
from sdrlib.errors import UsageError
from sdrlib.sources.fold import fold_header, fold_label
from sdrlib.sources.likeness import Shape, decimal_of, formats_of, shape_of
from sdrlib.sources.mapping import open_mapping, parse

TABLES = ("activities", "meetings", "opportunities", "prospects", "reps")
NEAR = 0.78
"""Titles less alike than this are not taken for one another."""

_CONSTANTS = {("activities", "channel"): "call", ("activities", "direction"): "outbound", ("reps", "role"): "sdr"}
_MOST = 30


@dataclass(frozen=True)
class Sample:
    """One input: its name without ending, and some rows by column title."""

    stem: str
    columns: Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Known:
    """What all mappings of the kit know.

    Attributes:
        titles: Table and column -> folded titles.
        labels: Column -> folded label -> word.
    """

    titles: Mapping[tuple[str, str], frozenset[str]]
    labels: Mapping[str, Mapping[str, str]]


def start(samples: Sequence[Sample], time_zone: str = "") -> str:
    """The text of a mapping that parses, with ``# TODO`` where somebody who knows the tool has to look.

    Raises:
        UsageError: none of the files has anything that looks like activities, meetings, deals or people.
    """
    known = gather()
    chosen = [(sample, *_table_of(sample, known)) for sample in samples]
    taken = [(sample, table, columns) for sample, table, columns in chosen if columns]
    if not taken:
        names = ", ".join(sample.stem for sample in samples) or "–"
        raise UsageError(f"{names}: nothing there looks like activities, meetings, deals or people. "
                         "Give the exports themselves, or write a mapping as docs/mappings.md shows.")  # fmt: skip
    body = [line for sample, table, columns in taken for line in _selection(sample, table, columns, known)]
    reps = [] if any(table == "reps" for _, table, _ in taken) else list(_people(taken))
    body += [f"\n# TODO [[{t}]] is needed too (docs/mappings.md)" for t in _absent(taken)]
    text = "\n".join([*_head([s for s, _, _ in taken], time_zone), *_money(taken), *reps, *body]) + "\n"
    parse(tomllib.loads(text), "my-crm.toml")  # what this kit writes it can read
    return text


def gather() -> Known:
    """Titles and labels of every mapping, and the contract's own names."""
    titles: dict[tuple[str, str], set[str]] = {}
    labels = {
        column: {fold_label(label): word for word, given in words.items() for label in given}
        for column, words in knowledge.read("titles")["labels"].items()
    }
    for table in TABLES:
        for column in knowledge.read("contract")["tables"][table]["columns"]:
            common = knowledge.read("titles")[table].get(column, ())
            titles[table, column] = {fold_header(name) for name in (column, *common)}
    for name in knowledge.mappings():
        for table, selections in open_mapping(name)[0].tables.items():
            for selection in (s for s in selections if table in TABLES):
                for column, origin in selection.columns.items():
                    names = (*origin.column, *(n for ns in origin.filled for n in ns))
                    titles[table, column] |= {fold_header(n) for n in names}
                for column, words in selection.labels.items():
                    for word, given in words.items():
                        flat = given.items() if isinstance(given, dict) else [(word, given)]
                        labels.setdefault(column, {}).update({fold_label(x): w for w, xs in flat for x in xs})
    return Known({k: frozenset(v) for k, v in titles.items()}, labels)


def _table_of(sample: Sample, known: Known) -> tuple[str, dict[str, str]]:
    """The table that most of the columns speak for, and which title is which of its columns."""
    found = {table: _columns(sample, table, known) for table in TABLES}
    needed = {t: knowledge.read("contract")["tables"][t]["required"] for t in TABLES}
    scores = {t: len(cs) + sum(c in needed[t] for c in cs) + 3 * (fold_header(t) == fold_header(sample.stem))
              for t, cs in found.items()}  # fmt: skip
    best = max(TABLES, key=lambda t: scores[t])
    return best, found[best] if len(found[best]) >= 2 else {}


def _columns(sample: Sample, table: str, known: Known) -> dict[str, str]:
    """Canonical column -> title: the likeliest pairs first, each side once."""
    rules = knowledge.read("contract")["tables"][table]["columns"]
    shapes = {title: shape_of(cells) for title, cells in sample.columns.items()}
    pairs = []
    for title, shape in shapes.items():
        for column, rule in rules.items():
            forms = {fold_header(title), fold_header(title.rsplit(" - ")[-1])}
            likeness = max(_likeness(form, known.titles[table, column]) for form in forms)
            if likeness >= NEAR and _may_be(shape, rule["type"]):
                pairs.append((likeness, column, title))
    taken: dict[str, str] = {}
    for _, column, title in sorted(pairs, key=lambda p: -p[0]):
        if column not in taken and title not in taken.values():
            taken[column] = title
    return taken


def _likeness(title: str, known: frozenset[str]) -> float:
    return max((SequenceMatcher(None, title, other).ratio() for other in known), default=0.0)


def _may_be(shape: Shape, kind: str) -> bool:
    """Text may be anything; what has to be a time or a number must look like one."""
    fitting = {"time": {"time", "empty"}, "date": {"time", "empty"}, "number": {"number", "duration", "empty"}}
    return shape.kind in fitting.get(kind, {shape.kind})


def _head(samples: Sequence[Sample], time_zone: str) -> Iterator[str]:
    yield f"# Started by sdr import from {_comment(', '.join(s.stem for s in samples))}. Every line is a guess."
    yield "# Finish the lines marked TODO (docs/mappings.md explains the format), then run:"
    yield "#   sdr import --crm THIS_FILE FILES --out DIR"
    yield ""
    yield f"time_zone = {_quoted(time_zone)}" if time_zone else '# TODO zone of the times: time_zone = "Europe/Paris"'
    every = [cells for s in samples for cells in s.columns.values()]
    marks = Counter(mark for cells in every if (mark := decimal_of(cells)))
    if marks:
        yield f'decimal = "{marks.most_common(1)[0][0]}"' + ("   # TODO files differ" if len(marks) > 1 else "")
    found = [formats_of(cells) for cells in every]
    forms = list(dict.fromkeys(fitting[0] for fitting in found if fitting))
    if forms:
        swapped = any(len(fitting) > 1 for fitting in found)
        order = "# TODO day before month, or month before day? " if swapped else ""
        yield f"{order}dates = [{', '.join(map(_quoted, forms))}]"


def _money(taken: Sequence[tuple[Sample, str, dict[str, str]]]) -> Iterator[str]:
    """The currency that most amounts show, where no column names it; whoever knows the tool, where they show none."""
    deals = [(sample, columns) for sample, table, columns in taken if table == "opportunities"]
    if all("currency" in columns for _, columns in deals):
        return
    signs = knowledge.read("contract")["currency_signs"]
    amounts = [cell or "" for sample, found in deals if "amount" in found for cell in sample.columns[found["amount"]]]
    shown = Counter(own[0] for sign, own in signs.items() for cell in amounts if sign in cell)
    if shown:
        yield f'currency = "{shown.most_common(1)[0][0]}"   # TODO right?'
    else:
        yield '# TODO currency of the amounts: currency = "EUR"'


def _absent(taken: Sequence[tuple[Sample, str, dict[str, str]]]) -> list[str]:
    """Needed tables that none of the files gives."""
    return [t for t in ("activities", "meetings") if t not in {table for _, table, _ in taken}]


def _people(taken: Sequence[tuple[Sample, str, dict[str, str]]]) -> Iterator[str]:
    for sample, _, columns in taken:
        if "rep_id" in columns:
            key = "email" if shape_of(sample.columns[columns["rep_id"]]).kind == "email" else "name"
            yield from ("", f"[people.{_quoted(sample.stem)}]   # TODO people.csv can say who is an AE, and since when")
            yield f"{key} = {_quoted(columns['rep_id'])}"


def _selection(sample: Sample, table: str, columns: Mapping[str, str], known: Known) -> Iterator[str]:
    rules = knowledge.read("contract")["tables"][table]
    yield from ("", f"[[{table}]]", f"from = {_quoted(sample.stem)}", "", f"[{table}.columns]")
    for column in rules["columns"]:
        if column in columns:
            yield f"{column} = {_origin(rules['columns'][column], column, columns[column], sample)}"
        elif (table, column) in _CONSTANTS:
            yield f'{column} = {{ value = "{_CONSTANTS[table, column]}" }}   # TODO or a column'
        elif column == rules.get("key"):
            yield f"{column} = {{ row = true }}   # TODO a column with ids is better"
        elif column in rules["required"] and column != "currency":  # the mapping's own, at its head
            yield f'# TODO {column} = "…"   (needed)'
    yield from _unused(sample, columns)
    for column in (c for c in columns if "one_of" in rules["columns"][c]):
        yield from _labels(table, column, sample.columns[columns[column]], known, rules["columns"][column]["one_of"])


def _origin(rule: Mapping[str, str], column: str, title: str, sample: Sample) -> str:
    kind = shape_of(sample.columns[title]).kind
    if column in {"prospect_id", "account_id"} and kind in {"email", "name"}:
        return f"{{ column = {_quoted(title)}, coded = true }}"
    return _quoted(title)


def _unused(sample: Sample, columns: Mapping[str, str]) -> Iterator[str]:
    """Columns without a guess; the values of those that look like a picklist, since they may be outcomes or types."""
    for title, cells in sample.columns.items():
        if title and title not in columns.values():
            values = shape_of(cells).labels[:_MOST]
            shown = f": {', '.join(_comment(value) for value, _ in values)}" if values else ""
            yield f"# not used: {_comment(title)}{shown}"


def _labels(table: str, column: str, cells: Sequence[str], known: Known, vocabulary: str) -> Iterator[str]:
    words = knowledge.read("contract")["vocabularies"][vocabulary]
    plain = {fold_label(w) for w in words}
    counted = Counter(cell for cell in cells if cell)
    mapped: dict[str, list[str]] = {}
    rest = []
    for label, rows in counted.most_common(_MOST):
        word = known.labels.get(column, {}).get(fold_label(label), "")
        if word in words and fold_label(label) not in plain:
            mapped.setdefault(word, []).append(label)
        elif fold_label(label) not in plain:
            rest.append((label, rows))
    if mapped or rest:
        yield from ("", f"[{table}.labels.{column}]", f"# the words: {', '.join(words)}")
        yield from (f"{word} = [{', '.join(map(_quoted, labels))}]   # TODO right?" for word, labels in mapped.items())
        yield from (f"# TODO WORD = [{_comment(_quoted(label))}]   ({rows} rows)" for label, rows in rest)


def _quoted(text: str) -> str:
    """A TOML string; JSON's escapes are TOML's, but for one character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _comment(text: str) -> str:
    """One line without control characters, for behind a ``#``."""
    plain = re.sub(r"[\x00-\x1f\x7f\u0085\u2028\u2029]+", " ", text)
    return plain if len(plain) <= 80 else plain[:79] + "…"
