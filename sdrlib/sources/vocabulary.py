"""The labels of a picklist become the words of a closed vocabulary; what nobody mapped is counted, never guessed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import ibis

from sdrlib import knowledge
from sdrlib.errors import Problem
from sdrlib.sources.examples import examples_of, short
from sdrlib.sources.fold import closest, fold_label
from sdrlib.sources.reading import Desk
from sdrlib.sources.selection import Goal, Selected

UNKNOWN = "unknown"
_MOST = 10_000


@dataclass(frozen=True)
class Label:
    """One label as often as it occurs: with its channel, and how many of the rows are outbound."""

    text: str
    channel: str
    rows: int
    outbound: int


@dataclass(frozen=True)
class Meaning:
    """The word a label stands for, and how that is known: mapped, on purpose, unmapped, or of another channel."""

    word: str
    how: str


def translate(desk: Desk, goal: Goal, made: Selected) -> ibis.Table:
    """Put the contract's words for the source's labels in every column with a vocabulary."""
    rows, columns = made.rows, goal.contract["columns"]
    closed = [c for c in columns if "one_of" in columns[c] and c in rows.columns]
    if "outcome" in closed and "outcome_label" in columns and "outcome_label" not in rows.columns:
        rows = rows.mutate(outcome_label=rows.outcome)
    for column in sorted(closed, key=lambda c: c == "outcome"):  # an outcome is read by its channel's labels
        rows = _translate_column(desk, goal, made, rows, column)
    return rows


def _translate_column(desk: Desk, goal: Goal, made: Selected, rows: ibis.Table, column: str) -> ibis.Table:
    words = knowledge.read("contract")["vocabularies"][goal.contract["columns"][column]["one_of"]]
    by_channel = column == "outcome" and "channel" in rows.columns
    labels = _labels(rows, column, by_channel)
    meant = {label: _meaning(label, words, made.selection.labels.get(column, {}), by_channel) for label in labels}
    desk.problems += _report(goal, rows, column, words, meant)
    if all(label.text == meaning.word for label, meaning in meant.items()):
        return rows
    return rows.mutate(**{column: _cases(rows, column, meant, UNKNOWN in words, by_channel)})


def _labels(rows: ibis.Table, column: str, by_channel: bool) -> list[Label]:
    outbound = (rows.direction == "outbound").fill_null(False) if "direction" in rows.columns else ibis.literal(False)
    channel = rows.channel.fill_null("") if by_channel else ibis.literal("")
    found = rows.mutate(text=rows[column].fill_null(""), channel=channel, is_outbound=outbound)
    counted = found.group_by("text", "channel").agg(rows=ibis._.count(), outbound=ibis._.is_outbound.sum())
    table = counted.order_by(ibis.desc("rows"), "text", "channel").limit(_MOST).execute()
    return [Label(str(r.text), str(r.channel), int(r.rows), int(r.outbound)) for r in table.itertuples()]


def _meaning(label: Label, words: list[str], mapped: Mapping[str, Any], by_channel: bool) -> Meaning:
    own = mapped.get(label.channel, {}) if by_channel else {}
    general = {w: ls for w, ls in mapped.items() if not isinstance(ls, Mapping)}
    for given in (own, general):
        for word, labels in given.items():
            if fold_label(label.text) in {fold_label(x) for x in labels}:
                return _fitting(Meaning(word, "on purpose" if word == UNKNOWN else "mapped"), label, by_channel)
    word = {fold_label(w): w for w in words}.get(fold_label(label.text), "")
    if word:
        return _fitting(Meaning(word, "on purpose" if word == UNKNOWN else "mapped"), label, by_channel)
    if not label.text:
        return Meaning("", "mapped")  # an empty cell is the contract's to judge
    return Meaning(UNKNOWN if UNKNOWN in words else "", "unmapped")


def _fitting(meaning: Meaning, label: Label, by_channel: bool) -> Meaning:
    """A voicemail on an e-mail is no outcome but a slip."""
    allowed = knowledge.read("contract")["outcomes_by_channel"]
    if not by_channel or not label.channel or meaning.word in allowed.get(label.channel, allowed["other"]):
        return meaning
    return Meaning(UNKNOWN, "of another channel")


def _cases(
    rows: ibis.Table, column: str, meant: Mapping[Label, Meaning], is_outcome: bool, by_channel: bool
) -> ibis.Value:
    texts: dict[tuple[str, str], list[str]] = defaultdict(list)
    for label, meaning in meant.items():
        if meaning.word and meaning.how != "unmapped":
            texts[meaning.word, label.channel].append(label.text)
    cell = rows[column].fill_null("")
    channel = rows.channel.fill_null("") if by_channel else ibis.literal("")
    branches = [(cell.isin(t) & (channel == c), w) for (w, c), t in texts.items()]
    nothing = ibis.null("string")
    rest = ibis.ifelse(cell == "", nothing, ibis.literal(UNKNOWN)) if is_outcome else nothing
    return ibis.cases(*branches, else_=rest) if branches else rest


def _report(
    goal: Goal, rows: ibis.Table, column: str, words: list[str], meant: Mapping[Label, Meaning]
) -> Iterable[Problem]:
    codes = {
        "unmapped": "unknown-label" if UNKNOWN in words else "unknown-word",
        "of another channel": "wrong-channel",
        "on purpose": "deliberate-unknown",
    }
    for how, code in codes.items():
        labels = [label for label, meaning in meant.items() if meaning.how == how]
        if not labels or (how == "on purpose" and all(label.text == UNKNOWN for label in labels)):
            continue
        yield Problem(
            code,
            goal.table,
            column,
            sum(label.rows for label in labels),
            _shown(rows, column, labels, code),
            _values(goal, column, words, labels),
        )


def _shown(rows: ibis.Table, column: str, labels: list[Label], code: str) -> tuple[str, ...]:
    if code == "unknown-word":
        return examples_of(rows.filter(rows[column].isin([label.text for label in labels])), column)
    named = [(" / ".join(filter(None, (short(x.text), x.channel))), x.rows) for x in labels[:5]]
    return tuple(f"{name} ({rows})" for name, rows in named)


def _values(goal: Goal, column: str, words: list[str], labels: list[Label]) -> dict[str, str]:
    texts = list(dict.fromkeys(label.text for label in labels))
    quoted = ", ".join('"' + short(t).replace("\\", "\\\\").replace('"', '\\"') + '"' for t in texts[:20])
    likely = (
        closest(texts[0], [w for w in words if w != UNKNOWN]) or "WORD_FROM_THE_LIST"
    )  # never "unknown": pasted as it stands it would hide what nobody mapped
    return {
        "labels": ", ".join(f"{short(t)} ({sum(x.rows for x in labels if x.text == t)})" for t in texts[:20]),
        "outbound": str(sum(label.outbound for label in labels)),
        "line": f"[{goal.table}.labels.{column}]\n{likely} = [{quoted}]",
        "known": ", ".join(words),
    }
