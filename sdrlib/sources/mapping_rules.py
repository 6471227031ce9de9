"""What a mapping file must respect beyond its form: tables, columns and words of the contract, zones, formats."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from zoneinfo import available_timezones

from sdrlib import knowledge
from sdrlib.sources.dates import COUNTED
from sdrlib.sources.fold import closest, fold_header, fold_label
from sdrlib.sources.mapping_words import GRADES

_KEYS = (
    "extends", "title", "time_zone", "dates", "decimal", "currency", "notes", "evidence", "dialects", "files", "people",
)  # fmt: skip
_DIRECTIVES = "aAbBdHIjmMpSyYfgnzZ%"


def known_keys() -> tuple[str, ...]:
    """What may stand at the top of a mapping: its own keys and the contract's tables."""
    return (*_KEYS, *knowledge.read("contract")["tables"])


def broken_rules(raw: Mapping[str, Any]) -> list[str]:
    """Every rule the mapping breaks, one line each; values of the wrong form are left to the model."""
    tables = knowledge.read("contract")["tables"]
    lines = [*_unknown_keys(raw), *_bad_zone(raw.get("time_zone", "")), *_bad_formats(raw.get("dates", ()))]
    lines += [f"notes.{key}: only {', '.join(knowledge.LANGUAGES)}" for key in _strange_notes(raw)]
    files = {name: _dict(file) for name, file in _dict(raw.get("files")).items()}
    lines += [*_evidence("evidence", raw, files), *_dialects(raw, files), *_people(raw, files)]
    for table in tables:
        for number, selection in enumerate(_dicts(raw.get(table, ()))):
            lines += [f"{table}.{number}.{line}" for line in _selection(tables[table]["columns"], selection)]
            lines += [f"{table}.{number}.{line}" for line in _strange_words(files, selection)]
            lines += [f"{table}.{number}.least_duration.{line}" for line in _durations(table, selection)]
            lines += [f"{table}.{number}.{line}" for line in _changes(table, selection)]
    return lines


def _evidence(where: str, raw: Mapping[str, Any], files: Mapping[str, Any]) -> Iterator[str]:
    """Grades are words of a closed list; dialects and headers must occur, since a slip would go unseen."""
    spelt = [s for f in files.values() for s in _dict(f.get("headers")).values()]
    dialects = {"default", *(d for s in spelt for d in _dict(s))}
    for key, said in _dict(raw.get("evidence")).items():
        if isinstance(said, list):
            if key not in GRADES:
                yield f"{where}.{key}: no grade{_meant(key, GRADES)}"
            known = {fold_header(h) for s in spelt for h in _texts(s)}
            strange = [h for h in said if known and fold_header(str(h)) not in known]
            yield from (f"{where}.{key}: {h!r} stands under no headers of this mapping" for h in strange)
        elif key not in dialects:
            yield f"{where}.{key}: no dialect has this name{_meant(key, dialects)}"
        elif said not in GRADES:
            yield f"{where}.{key}: {said!r} is no grade{_meant(str(said), GRADES)}"
    if where == "evidence":
        for name, file in files.items():
            yield from _evidence(f"files.{name}.evidence", file, {name: file})


def _dialects(raw: Mapping[str, Any], files: Mapping[str, Any]) -> Iterator[str]:
    known = {d for f in files.values() for s in _dict(f.get("headers")).values() for d in _dict(s)}
    for dialect, own in _dict(raw.get("dialects")).items():
        if dialect not in known:
            yield f"dialects.{dialect}: no header has this dialect{_meant(dialect, known)}"
        wrong = [*_bad_formats(_dict(own).get("dates", ())), *_bad_zone(_dict(own).get("time_zone"))]
        yield from (f"dialects.{dialect}.{line}" for line in wrong)
    for name, file in files.items():
        words = _dict(file.get("headers"))
        for key in ("needs", "lacks"):
            strange = [w for w in file.get(key, ()) if w not in words] if isinstance(file.get(key), list) else ()
            yield from (f"files.{name}.{key}: {w!r} is no word of its headers{_meant(str(w), words)}" for w in strange)


def _people(raw: Mapping[str, Any], files: Mapping[str, Any]) -> Iterator[str]:
    roles = knowledge.read("contract")["vocabularies"]["role"]
    for name, given in _dict(raw.get("people")).items():
        if files and name not in files:
            yield f"people.{name}: no such file{_meant(name, files)}"
        for person in _dicts(given) or [_dict(given)]:
            if (role := person.get("role", "sdr")) not in roles:
                yield f"people.{name}.role: {role!r} is no role{_meant(str(role), roles)}"
            words = [w for k in ("id", "email", "name", "team") for w in _names_in(person.get(k))]
            yield from _no_words(f"people.{name}", words, [files[name]] if name in files else [])


def _strange_words(files: Mapping[str, Any], selection: Mapping[str, Any]) -> Iterator[str]:
    """Where a file has words of its own, selections use them and nothing else: a slip would be a missing column."""
    joined = [join.get("table", "") for join in _dicts(selection.get("joins", ()))]
    seen = [str(selection.get("from", "")), *map(str, joined)]
    if not files or any(name not in files for name in seen):
        yield from (f"{n!r}: no such file under [files]{_meant(n, files)}" for n in seen if files and n not in files)
        return
    made = [_dict(selection.get("unfold")).get(key) for key in ("name", "value")]
    for column, origin in _dict(selection.get("columns")).items():
        names = [name for name in _names_in(origin) if name not in made]
        yield from _no_words(f"columns.{column}", names, [files[name] for name in seen])
    for part in ("where", "unless"):
        names = [name for name in _dict(selection.get(part)) if name not in made]
        yield from _no_words(part, names, [files[seen[0]]])
    for join in _dicts(selection.get("joins", ())):
        names = [*_dict(join.get("where")), *_names_in(join.get("first"))]
        yield from _no_words(f"joins.{join['table']}", names, [files[str(join["table"])]])


def _no_words(where: str, names: Iterable[str], files: list[Mapping[str, Any]]) -> Iterator[str]:
    words = {w for f in files for w in _dict(f.get("headers"))}
    for name in names:
        if words and name not in words:
            yield f"{where}: {name!r} is no word of the file's headers{_meant(name, sorted(words))}"


def _names_in(origin: Any) -> list[str]:
    """Every column that an origin names, in whichever of its forms."""
    if isinstance(origin, dict):
        flags = [n for names in _dict(origin.get("flags")).values() for n in _names_in(names)]
        return [*flags, *(n for key in ("column", "filled", "time") for n in _names_in(origin.get(key)))]
    return [n for part in origin for n in _names_in(part)] if isinstance(origin, list) else _texts(origin)


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        value = list(value.values())
    return [t for part in value for t in _texts(part)] if isinstance(value, list) else [value] * isinstance(value, str)


def _durations(table: str, selection: Mapping[str, Any]) -> Iterator[str]:
    said = _dict(selection.get("least_duration"))
    words = knowledge.read("contract")["outcomes_by_channel"]["call"]
    if said and table != "activities":
        yield "only activities have one"
    if said and "duration_s" not in _dict(selection.get("columns")):
        yield "columns.duration_s is needed for it"
    named = [k for k in said if k not in {"shorter", "without"}] + [
        said[k] for k in ("shorter", "without") if k in said
    ]
    yield from (f"{word}: no outcome of a call{_meant(str(word), words)}" for word in named if word not in words)


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
        if text not in COUNTED and (unknown or "%" not in str(text)):
            known = f"directives: {' '.join('%' + d for d in _DIRECTIVES)}; or {', '.join(COUNTED)}"
            yield f"dates: {text!r} is no strptime format ({known})"


def _selection(columns: Mapping[str, Any], selection: Mapping[str, Any]) -> Iterator[str]:
    for column, origin in _dict(selection.get("columns")).items():
        if column not in columns:
            yield f"columns.{column}: the contract has no such column{_meant(column, columns)}"
        else:
            yield from (f"columns.{column}.{line}" for line in _transforms(columns[column]["type"], _dict(origin)))
            yield from (f"columns.{column}.{line}" for line in _flags(_words(columns[column]), _dict(origin)))
    yield from _strange_tables(selection)
    for column, labels in _dict(selection.get("labels")).items():
        words = _words(columns.get(column, {}))
        if not words:
            closed = [c for c in columns if _words(columns[c])]
            yield f"labels.{column}: only columns with a closed vocabulary have labels{_meant(column, closed)}"
        else:
            yield from (f"labels.{column}.{line}" for line in _labels(column, words, _dict(labels)))


def _transforms(kind: str, origin: Mapping[str, Any]) -> Iterator[str]:
    """What a column's own keys say fits its type: a unit is for numbers, formats are for times, an id is text."""
    yield from _bad_formats(origin.get("dates", ()))
    numbers, texts = ("number",), ("text",)
    fitting = {"unit": numbers, "scale": numbers, "dates": ("time", "date"), "id": texts, "prefix": texts}
    for key, kinds in fitting.items():
        if origin.get(key) and kind not in kinds:
            yield f"{key}: this column is of type {kind}; {key} is for {' and '.join(kinds)}"


def _flags(words: tuple[str, ...], origin: Mapping[str, Any]) -> Iterator[str]:
    if origin.get("known") and not words:
        yield "known: only columns with a closed vocabulary have labels"
    for word in _dict(origin.get("flags")):
        if words and word not in words:
            yield f"flags.{word}: not in the vocabulary{_meant(word, words)}"


def _changes(table: str, selection: Mapping[str, Any]) -> Iterator[str]:
    if selection.get("changes") and table != "stage_changes":
        yield "changes: only stage_changes are entries of stages"
    if selection.get("changes") and selection.get("distinct"):
        yield "changes: rows of equal content are one already; distinct is not needed beside it"


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
