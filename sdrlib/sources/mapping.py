"""Mapping files: which column of which export is which column of the contract. ``docs/mappings.md`` explains them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping as Map
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sdrlib import knowledge
from sdrlib.errors import UsageError
from sdrlib.sources.mapping_form import Mapping
from sdrlib.sources.mapping_rules import broken_rules, known_keys
from sdrlib.sources.mapping_words import spelt_out
from sdrlib.sources.recognition import Tool

CANONICAL = ("", "canonical")
"""The names under which files that follow the contract themselves are read."""


AUTO = "auto"
"""The name under which the tool is found out by the column titles."""


def open_tools(crm: str, time_zone: str = "") -> tuple[list[Tool], str]:
    """The mappings that ``--crm`` names, with commas between, and the text of all of them.

    Raises:
        UsageError: no such mapping, or everything that is wrong with one at once.
    """
    if crm in CANONICAL or crm == AUTO:
        return [Tool("", Mapping(time_zone=time_zone))] if crm != AUTO else [], time_zone
    tools, texts = [], [time_zone]
    for name in dict.fromkeys(part.strip() for part in crm.split(",")):
        mapping, text = open_mapping(name)
        zone = mapping.time_zone or time_zone
        tools.append(Tool(Path(name).stem, mapping.model_copy(update={"time_zone": zone})))
        texts.append(text)
    return tools, "".join(texts)


def open_mapping(crm: str) -> tuple[Mapping, str]:
    """The mapping of that name, or at that path, and its text.

    Raises:
        UsageError: no such mapping, or everything that is wrong with it at once.
    """
    return _of_kit(crm) if crm in knowledge.mappings() else _opened(crm)


@cache
def _of_kit(name: str) -> tuple[Mapping, str]:
    """A mapping of the kit, checked once: to find out the tool of an export all of them are looked at."""
    return _opened(name)


def _opened(crm: str) -> tuple[Mapping, str]:
    raw, text = _read(crm)
    if isinstance(base := raw.pop("extends", ""), str) and base:
        under, below = _read(base)
        if "extends" in under:
            raise UsageError(
                f"Mapping {crm} extends {base}, which extends {under['extends']!r}: a mapping builds on one that "
                "stands by itself. Name that one, a mapping of the kit for instance, or put both into one file."
            )
        raw, text = merged(under, raw), below + text
    return parse(raw, crm), text


def _read(crm: str) -> tuple[dict[str, Any], str]:
    text = _text_of(crm)
    try:
        return tomllib.loads(text), text
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"Mapping {crm}: not valid TOML ({error}). Mend that line and run again.") from None


def merged(base: Any, own: Any) -> Any:
    """A mapping laid over the one it extends: tables are merged key by key, and lists of labels are joined.

    Where the base has several selections and the own file says ``[activities.labels.outcome]`` without the second
    brackets, all of them get it.
    """
    if isinstance(base, dict) and isinstance(own, dict):
        return {**base, **{k: merged(base[k], v) if k in base else v for k, v in own.items()}}
    if isinstance(base, list) and isinstance(own, dict):
        return [merged(each, own) for each in base]
    if isinstance(base, list) and isinstance(own, list) and all(isinstance(x, str) for x in [*base, *own]):
        return [*own, *(x for x in base if x not in own)]
    return own


def parse(raw: Map[str, Any], crm: str) -> Mapping:
    """Check a mapping's content against the contract.

    Raises:
        UsageError: everything that is wrong with it at once.
    """
    tables = knowledge.read("contract")["tables"]
    split = {k: v for k, v in raw.items() if k in known_keys() and k not in tables}
    wrong = broken_rules(raw)
    try:
        mapping = Mapping.model_validate({**split, "tables": {k: v for k, v in raw.items() if k in tables}})
    except ValidationError as error:
        wrong = [*(_explain(e) for e in error.errors()), *wrong]
    if wrong:
        raise UsageError("\n".join([f"The mapping {crm} is not usable:", *(f"  {line}" for line in wrong)]))
    return spelt_out(mapping)


def _text_of(crm: str) -> str:
    if crm in knowledge.mappings():
        return files(knowledge).joinpath("crm", f"{crm}.toml").read_text(encoding="utf-8")
    path = Path(crm)
    if path.suffix != ".toml" or not path.is_file():
        known = ", ".join(knowledge.mappings())
        raise UsageError(f"--crm {crm}: no such mapping. Known: {known}; or give the path of your own .toml file.")
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"Mapping {crm}: not UTF-8 text ({error}). Save it as UTF-8 and run again.") from None


def _explain(error: Any) -> str:
    where = [str(p) for p in error["loc"] if p != "tables"]
    given = repr(error["input"])
    return f"{'.'.join(where)}: {error['msg']} (found {given if len(given) < 80 else given[:77] + '…'})"
