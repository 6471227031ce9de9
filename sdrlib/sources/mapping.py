"""Mapping files: which column of which export is which column of the contract. The format is explained in
``knowledge/crm/leadforge.toml``, the first one written."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping as Map
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from sdrlib import knowledge
from sdrlib.errors import UsageError
from sdrlib.sources.mapping_rules import broken_rules, known_keys

CANONICAL = ("", "canonical")
"""The names under which files that follow the contract themselves are read."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Origin(_Strict):
    """Where the values of one canonical column come from: a source column, or one constant.

    Attributes:
        column: Names the source column may have, in the order they are looked for (exports are translated).
        table: File or alias that holds it; needed only where several joined files have that name.
        value: The constant.
        scale: What a number is multiplied with: 0.001 makes seconds of milliseconds.
    """

    column: tuple[str, ...] = ()
    table: str = ""
    value: str | None = None
    scale: float = 1.0

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, given: Any) -> Any:
        if isinstance(given, str | list):
            given = {"column": given}
        if isinstance(given, dict) and isinstance(given.get("column"), str):
            given = {**given, "column": [given["column"]]}
        if isinstance(given, dict) and isinstance(given.get("value"), int | float):
            given = {**given, "value": str(given["value"])}
        return given

    @model_validator(mode="after")
    def _one_origin(self) -> Origin:
        if bool(self.column) == bool(self.value):
            raise ValueError('give either a source column or {value = "constant"}')
        return self


class Key(_Strict):
    """The two columns that a join compares, when they have different names."""

    left: str
    right: str


class Join(_Strict):
    """Another file whose columns are brought to the rows: at most one of its rows for each."""

    table: str
    on: Key
    alias: str = Field("", alias="as")

    @model_validator(mode="before")
    @classmethod
    def _same_name(cls, given: Any) -> Any:
        if isinstance(given, dict) and isinstance(given.get("on"), str):
            return {**given, "on": {"left": given["on"], "right": given["on"]}}
        return given


class Selection(_Strict):
    """Some rows of one file that become rows of one canonical table."""

    origin: str = Field(validation_alias="from")
    where: dict[str, tuple[str, ...]] = {}
    joins: tuple[Join, ...] = ()
    distinct: bool = False
    optional: bool = False
    columns: dict[str, Origin]
    labels: dict[str, dict[str, tuple[str, ...] | dict[str, tuple[str, ...]]]] = {}


class Mapping(_Strict):
    """A whole mapping file.

    Attributes:
        time_zone: Zone of times that name none, and of the team's days.
        dates: ``strptime`` formats beside ISO 8601, which is always understood.
        decimal: Decimal mark; with one declared, thousands may be grouped. Empty: plain numbers only.
        currency: Of amounts that name none.
        notes: What a reader of reports must know of this source, by language.
        tables: Canonical table -> the selections whose union it is; none at all for files that follow the contract
            but for how they write times and numbers.
    """

    time_zone: str = ""
    dates: tuple[str, ...] = ()
    decimal: Literal["", ".", ","] = ""
    currency: str = ""
    notes: dict[str, tuple[str, ...]] = {}
    tables: dict[str, tuple[Selection, ...]] = {}


def open_mapping(crm: str) -> tuple[Mapping, str]:
    """The mapping of that name, or at that path, and its text.

    Raises:
        UsageError: no such mapping, or everything that is wrong with it at once.
    """
    text = _text_of(crm)
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"Mapping {crm}: not valid TOML ({error}). Mend that line and run again.") from None
    return parse(raw, crm), text


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
    return mapping


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
