"""What a mapping file must respect beyond its form: tables, columns and words of the contract, zones, formats."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import available_timezones

from sdrlib import knowledge
from sdrlib.sources.fold import closest, fold_label

_KEYS = ("time_zone", "dates", "decimal", "currency", "notes")
_DIRECTIVES = "aAbBdHIjmMpSyYfgnzZ%"


def known_keys() -> tuple[str, ...]:
    """What may stand at the top of a mapping: its own keys and the contract's tables."""
    return (*_KEYS, *knowledge.read("contract")["tables"])


def broken_rules(raw: Mapping[str, Any]) -> list[str]:
    """Every rule the mapping breaks, one line each; values of the wrong form are left to the model."""
    tables = knowledge.read("contract")["tables"]
    lines = [*_unknown_keys(raw), *_bad_zone(raw.get("time_zone", "")), *_bad_formats(raw.get("dates", ()))]
    lines += [f"notes.{key}: only {', '.join(knowledge.LANGUAGES)}" for key in _strange_notes(raw)]
    for table in tables:
        for number, selection in enumerate(_dicts(raw.get(table, ()))):
            lines += [f"{table}.{number}.{line}" for line in _selection(tables[table]["columns"], selection)]
    return lines


def _unknown_keys(raw: Mapping[str, Any]) -> Iterator[str]:
    for key in raw:
        if key not in known_keys():
            yield f"{key}: unknown key{_meant(key, known_keys())}"


def _strange_notes(raw: Mapping[str, Any]) -> list[str]:
    return [key for key in _dict(raw.get("notes")) if key not in knowledge.LANGUAGES]


def _bad_zone(zone: Any) -> Iterator[str]:
    if zone and isinstance(zone, str) and zone not in available_timezones():
        yield f"time_zone: {zone!r} is no IANA time zone{_meant(zone, available_timezones(), listed=False)}"


def _bad_formats(formats: Any) -> Iterator[str]:
    for text in formats if isinstance(formats, list) else ():
        unknown = [d for d in re.findall(r"%-?(.?)", str(text)) if d not in _DIRECTIVES or not d]
        if unknown or "%" not in str(text):
            yield f"dates: {text!r} is no strptime format (directives: {' '.join('%' + d for d in _DIRECTIVES)})"


def _selection(columns: Mapping[str, Any], selection: Mapping[str, Any]) -> Iterator[str]:
    for column in _dict(selection.get("columns")):
        if column not in columns:
            yield f"columns.{column}: the contract has no such column{_meant(column, columns)}"
    yield from _strange_tables(selection)
    for column, labels in _dict(selection.get("labels")).items():
        words = _words(columns.get(column, {}))
        if not words:
            closed = [c for c in columns if _words(columns[c])]
            yield f"labels.{column}: only columns with a closed vocabulary have labels{_meant(column, closed)}"
        else:
            yield from (f"labels.{column}.{line}" for line in _labels(column, words, _dict(labels)))


def _strange_tables(selection: Mapping[str, Any]) -> Iterator[str]:
    joins = [str(join.get("as") or join.get("table")) for join in _dicts(selection.get("joins", ()))]
    seen = [str(selection.get("from", "")), *joins]
    for column, origin in _dict(selection.get("columns")).items():
        table = _dict(origin).get("table", "")
        if table and table not in seen:
            yield f"columns.{column}: {table!r} is neither this selection's file nor joined to it{_meant(table, seen)}"
    yield from (
        f"joins: {name} is there twice; give one another name with as" for name in {*seen} if seen.count(name) > 1
    )


def _labels(column: str, words: tuple[str, ...], labels: Mapping[str, Any]) -> Iterator[str]:
    channels = knowledge.read("contract")["vocabularies"]["channel"] if column == "outcome" else ()
    general = {k: v for k, v in labels.items() if not (k in channels and isinstance(v, dict))}
    yield from _words_and_labels(words, general)
    for channel in labels.keys() - general.keys():
        yield from (f"{channel}.{line}" for line in _words_and_labels(words, labels[channel]))


def _words_and_labels(words: tuple[str, ...], labels: Mapping[str, Any]) -> Iterator[str]:
    seen: dict[str, str] = {}
    for word, raw in labels.items():
        if word not in words:
            yield f"{word}: not in the vocabulary{_meant(word, words)}"
        for label in raw if isinstance(raw, list) else ():
            earlier = seen.setdefault(fold_label(str(label)), word)
            if earlier != word:
                yield f"{word}: {label!r} already means {earlier}"


def _words(column: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(knowledge.read("contract")["vocabularies"].get(column.get("one_of", ""), ()))


def _meant(word: str, known: Any, *, listed: bool = True) -> str:
    near = closest(str(word), known)
    known_text = f" (known: {', '.join(known)})" if listed else ""
    return (f"; did you mean {near}?" if near else "") + known_text


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _dicts(value: Any) -> list[Mapping[str, Any]]:
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []
